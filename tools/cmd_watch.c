/*
 * race watch: what librace.so starts beside a program that is preloaded without race. Waits until the program has ended,
 * by whatever way, reads what was observed (descriptor 3), judges and reports it. Not for people: race help does not
 * list it.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "command.h"
#include "command_line.h"
#include "explorer/detect/detector.h"
#include "explorer/fingerprint.h"
#include "explorer/ring_trace.h"
#include "explorer/target.h"
#include "option_rows.h"
#include "report/phrase.h"
#include "report/report.h"
#include "schedule_file.h"
#include "shared/ring.h"
#include "symbolise.h"

enum { BLOCK = 3, PATIENCE_SECONDS = 60 };

/* RACE_OPTIONS as the program had it. */
struct wishes {
	const char *record, *report, *json;
	bool quiet, verbose;
	int exit_code;
};

static void on_finish(int number)
{
	(void)number;
}

/* Until the program says that it has come to its end, or has ended without saying so. */
static void wait_for_end(int pid)
{
	struct sigaction action = {.sa_handler = on_finish};
	int process = (int)syscall(SYS_pidfd_open, pid, 0);
	struct pollfd ended = {.fd = process, .events = POLLIN};
	sigset_t mask;

	sigaction(SIGUSR1, &action, NULL);
	sigfillset(&mask);
	sigdelset(&mask, SIGUSR1);
	if (process < 0 || getppid() != pid)
		return;
	ppoll(&ended, 1, NULL, &mask); /* the signal has been blocked since before we were started */
	close(process);
}

static int parse_wish(struct pool *pool, struct wishes *wishes, char *word)
{
	char *value = strchr(word, '=');

	if (value)
		*value++ = '\0';
	if (strcmp(word, "quiet") == 0)
		wishes->quiet = true;
	else if (strcmp(word, "verbose") == 0)
		wishes->verbose = true;
	else if (strcmp(word, "record") == 0 && value)
		wishes->record = pool_copy(pool, value);
	else if (strcmp(word, "report") == 0 && value)
		wishes->report = pool_copy(pool, value);
	else if (strcmp(word, "json") == 0 && value)
		wishes->json = pool_copy(pool, value);
	else if (strcmp(word, "exitcode") == 0 && value && strspn(value, "0123456789") == strlen(value) && atoi(value) < 256)
		wishes->exit_code = atoi(value);
	else
		return -1;
	return 0;
}

static void parse_wishes(struct pool *pool, struct wishes *wishes, const char *text)
{
	char *copy = pool_copy(pool, text), *rest = copy, *word;

	*wishes = (struct wishes){.exit_code = EXIT_FINDINGS};
	while ((word = strsep(&rest, ",")))
		if (*word && parse_wish(pool, wishes, word))
			fprintf(stderr, "race: RACE_OPTIONS: there is no option '%s'; there are record=FILE, report=FILE, "
				"json=FILE, exitcode=N, quiet, verbose and off\n", word);
}

/* The program's command, as long as it lives. */
static char *const *command_of(struct pool *pool, int pid)
{
	FILE *file = fopen(pool_print(pool, "/proc/%d/cmdline", pid), "r");
	char *text = pool_take(pool, 65536), *at, **words;
	size_t nbytes = file ? fread(text, 1, 65535, file) : 0;
	uint32_t n = 0;

	if (file)
		fclose(file);
	words = pool_take(pool, (nbytes / 2 + 2) * sizeof(*words));
	for (at = text; at < text + nbytes; at += strlen(at) + 1)
		words[n++] = at;
	words[n] = NULL;
	return words;
}

static const struct detector *const detectors[] = {
	&detector_misuse, &detector_lock_order, &detector_check_then_act,
};

/* Locks that are not seen may keep apart who takes those of native libraries in different orders. */
static bool is_asked(const struct detector *detector, const struct control *control)
{
	return detector != &detector_lock_order || !(control->world.seen & SEEN_MACHINE);
}

/* The first module of a process is its program. Of libraries nobody can tell whether their locks are the program's. */
static bool has_unseen_locks(const struct control *control)
{
	uint64_t last = 0;

	for (uint32_t i = 1; i <= control->nmodules && i < LIMIT_MODULES; i++) {
		const struct module *module = &control->modules[i];
		uint64_t image = (uint64_t)module->process << 32 | module->image;
		struct target_facts facts;
		bool first = i == 1 || image != last;
		last = image;
		if (first && module->path < LIMIT_TEXT_BYTES && target_examine(control->text + module->path, &facts) == 0 &&
			(facts.go || facts.rust))
			return true;
	}
	return false;
}

/* What went wrong by itself the program has said already; told is what nobody has seen. */
static int judge(const struct control *control, const struct trace *trace, struct symbolise *symbolise,
	struct finding_list *findings)
{
	for (size_t i = 0; i < sizeof(detectors) / sizeof(*detectors); i++)
		if (is_asked(detectors[i], control) && detectors[i]->judge(trace, findings))
			return -1;
	for (uint32_t i = 0; i < findings->n; i++)
		findings->items[i]->fingerprint = fingerprint_of(findings->items[i], symbolise_symbols(symbolise));
	return 0;
}

/* Sessions with databases that could not be followed. */
static void add_escapes(struct document *document, const struct control *control)
{
	static const enum uncontrolled reasons[] = {UNCONTROLLED_TLS, UNCONTROLLED_SESSION};

	document->uncontrolled = pool_take(document->pool, sizeof(reasons) / sizeof(*reasons) * sizeof(*document->uncontrolled));
	for (size_t i = 0; i < sizeof(reasons) / sizeof(*reasons); i++)
		if (control->world.uncontrolled & 1U << reasons[i])
			document->uncontrolled[document->nuncontrolled++] = (struct document_uncontrolled){
				.reason = uncontrolled_text(reasons[i]), .where = "", .count = 1};
}

static struct document *document_of(struct pool *pool, const struct trace *trace, const struct finding_list *findings,
	struct symbolise *symbolise, char *const *command, int code)
{
	struct document *document = document_open();

	document->command = pool_copy(document->pool, command_line_join(pool, command));
	document->exit_code = code;
	document->verdict = document_verdict(findings->n ? VERDICT_FINDINGS : VERDICT_CLEAN);
	document->executions = 1;
	for (uint32_t i = 0; i < findings->n; i++)
		document_add(document, findings->items[i], trace, symbolise, NULL, false);
	return document;
}

static void tell_escapes(const struct document *document, FILE *out)
{
	for (uint32_t i = 0; i < document->nuncontrolled; i++)
		fprintf(out, "race: not observed: %s\n", document->uncontrolled[i].reason);
}

static void tell(struct pool *pool, const struct wishes *wishes, const struct document *document,
	const struct trace *trace, bool cut)
{
	FILE *out = wishes->report ? fopen(wishes->report, "w") : stderr;
	struct terminal terminal;

	if (!out) {
		fprintf(stderr, "race: %s can't be written: %s\n", wishes->report, strerror(errno));
		return;
	}
	terminal_inspect(out, &terminal);
	bool reports = document->nfindings && (!wishes->quiet || wishes->report);
	if (reports) {
		fprintf(out, "\nrace: observed %s\n\n", document->command);
		report_write(&report_text, document, &terminal, out);
	}
	if (reports || wishes->verbose || wishes->report)
		tell_escapes(document, out);
	if (wishes->verbose || wishes->report)
		fprintf(out, "race: observed %s of %s: %s%s\n", phrase_count(pool, trace->nsteps, "operation"),
			phrase_count(pool, trace->ntasks, "task"), phrase_count(pool, document->nfindings, "finding"),
			cut ? "; only the latest operations were kept" : "");
	if (out != stderr)
		fclose(out);
}

static void record(struct invocation *invocation, const char *path, struct trace *trace, struct symbolise *symbolise,
	char *const *command)
{
	struct finding happened = {.message = "", .trace = trace, .plan = {.seed = 1}};
	struct schedule *schedule = schedule_file_make(invocation->pool, &happened, symbolise, command);

	if (!schedule)
		return;
	schedule_file_write(invocation->pool, schedule, path);
	schedule_close(schedule);
}

static int report_all(struct invocation *invocation, const struct wishes *wishes, void *block, int status,
	char *const *command)
{
	const struct control *control = block;
	struct symbolise *symbolise = symbolise_open(control);
	struct finding_list findings = {0};
	const char *reason = NULL;
	bool cut = false;
	struct trace *trace = ring_trace_read(block, status, &cut, &reason);
	int code = 0;

	if (trace)
		trace->hides_locks |= has_unseen_locks(control);
	if (trace && judge(control, trace, symbolise, &findings) == 0) {
		code = findings.n ? wishes->exit_code : 0;
		struct document *document = document_of(invocation->pool, trace, &findings, symbolise, command, code);
		add_escapes(document, control);
		tell(invocation->pool, wishes, document, trace, cut);
		if (wishes->json)
			report_save(&report_json, document, wishes->json);
		if (wishes->record && cut)
			fprintf(stderr, "race: %s is not written: a task did more than the last %d operations, which are all that is "
				"kept, and a schedule is followed from the beginning\n", wishes->record, RING_EVENTS);
		else if (wishes->record)
			record(invocation, wishes->record, trace, symbolise, command);
		document_close(document);
	} else if (wishes->verbose) {
		fprintf(stderr, "race: %s\n", reason ? reason : "out of memory");
	}
	finding_list_clear(&findings);
	trace_close(trace);
	symbolise_close(symbolise);
	return code;
}

static int watch(struct invocation *invocation)
{
	const char *pid = invocation->operands.n ? invocation->operands.items[0] : "";
	struct wishes wishes;
	char *const *command = command_of(invocation->pool, atoi(pid));
	void *block = mmap(NULL, ring_block_bytes(), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_NORESERVE, BLOCK, 0);
	const struct rings *rings;

	if (block == MAP_FAILED || atoi(pid) <= 0) {
		fputs("race watch: is for librace.so; see race(1), RACE_OPTIONS\n", stderr);
		return EXIT_USAGE;
	}
	parse_wishes(invocation->pool, &wishes, invocation->operands.n > 1 ? invocation->operands.items[1] : "");
	wait_for_end(atoi(pid));
	alarm(PATIENCE_SECONDS); /* the program must not wait for ever for us */
	rings = (const void *)((const char *)block + ring_head_offset());
	return report_all(invocation, &wishes, block, rings->finished ? (rings->status & 0xff) << 8 : -1, command);
}

static const struct option_row rows[] = {END};

const struct command command_watch = {
	.name = "watch",
	.summary = "Read what librace.so observed",
	.usage = "PID OPTIONS",
	.options = rows,
	.noperands = 2,
	.hidden = true,
	.run = watch,
};
