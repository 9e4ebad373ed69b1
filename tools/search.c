#include "search.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "command_line.h"
#include "library.h"
#include "options.h"
#include "progress.h"
#include "results.h"
#include "schedule_file.h"

enum { MINIMIZE_EXECUTIONS = 500, SEED_USUAL = 1, SAME_STOP_MS = 300 };

static volatile int stop_signal;
static struct timespec stopped_at;

/* timeout(1) signals its command, and then the command's process group. */
static bool is_echo(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (now.tv_sec - stopped_at.tv_sec) * 1000 + (now.tv_nsec - stopped_at.tv_nsec) / 1000000 < SAME_STOP_MS;
}

static void on_stop(int number)
{
	if (!stop_signal) {
		clock_gettime(CLOCK_MONOTONIC, &stopped_at);
		stop_signal = number;
	} else if (!is_echo()) {
		signal(number, SIG_DFL);
		raise(number);
	}
}

/* The first signal ends the campaign in order, a second one at once. */
static void watch_signals(void)
{
	struct sigaction action = {.sa_handler = on_stop};

	stop_signal = 0;
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGHUP, &action, NULL);
}

static void unwatch_signals(void)
{
	signal(SIGINT, SIG_DFL);
	signal(SIGTERM, SIG_DFL);
	signal(SIGHUP, SIG_DFL);
}

static int complain(const struct invocation *invocation, const char *message)
{
	fprintf(stderr, "race %s: %s\n", invocation->command->name, message);
	return EXIT_USAGE;
}

int search_check(struct invocation *invocation, const char **library)
{
	int code;

	if (!invocation->target)
		return complain(invocation, pool_print(invocation->pool, "which command? race %s -- COMMAND",
			invocation->command->name));
	if (invocation->jobs != 1)
		return complain(invocation, "this build runs one execution at a time; --jobs can only be 1");
	if (invocation->exit_code > 255)
		return complain(invocation, "--exit-code is a number up to 255");
	code = results_check(invocation);
	if (code)
		return code;
	if (invocation->output && schedule_file_check(invocation->pool, invocation->output))
		return EXIT_INTERNAL;
	*library = library_find(invocation->pool);
	return *library ? EXIT_CLEAN : EXIT_INTERNAL;
}

int search_options(struct invocation *invocation, const char *library, struct campaign_options *options)
{
	enum carrier_id carrier = options_carrier_of(invocation->carrier, CARRIER_FIBER);
	bool serial = strcmp(invocation->oracle, "serial") == 0;

	memset(options, 0, sizeof(*options));
	options->execution = (struct execution_options){
		.command = invocation->target,
		.library = library,
		.reuse = options_reuse_of(invocation->reuse, carrier == CARRIER_FIBER ? REUSE_RESTORE : REUSE_FORK),
		.carrier = carrier,
		.real_databases = invocation->real_databases,
		.servers = {.urls = invocation->db.items, .force = invocation->db_force,
			.keep_state = invocation->keep_state},
		.network = {.guarded = true, .hosts = invocation->allow_net.items},
		.timeout_ms = invocation->timeout_ms,
		.log = library_log(),
	};
	options->strategy = strategy_find(invocation->strategy);
	if (!options->strategy)
		return complain(invocation, "there is no such strategy");
	options->strategy_options = (struct strategy_options){
		.seed = invocation->seed,
		.bound = invocation->bound,
		.delays = invocation->delays,
		.depth = (uint32_t)invocation->depth,
		.max_executions = invocation->max_executions,
		.chooser = invocation->chooser,
	};
	options->oracle = (struct oracle_options){.seed = invocation->seed, .serial = serial,
		.reads = invocation->reads, .ignores = invocation->ignore.items};
	options->check = strcmp(invocation->oracle, "none") == 0 ? NULL : invocation->check;
	options->max_executions = invocation->max_executions;
	options->faults = invocation->faults > UINT32_MAX ? UINT32_MAX : (uint32_t)invocation->faults;
	options->budget_ms = invocation->budget_ms;
	options->keep_going = invocation->keep_going;
	options->resume = invocation->resume;
	return 0;
}

const char *search_replay_line(struct invocation *invocation, const char *schedule)
{
	struct pool *pool = invocation->pool;
	const char *program = strchr(invocation->program, '/') ? invocation->program : "race", *line;
	uint32_t index;

	line = pool_print(pool, "%s replay", command_line_quote(pool, program));
	for (index = 0; index < invocation->db.n; index++)
		line = pool_print(pool, "%s --db %s", line, command_line_quote(pool, invocation->db.items[index]));
	for (index = 0; index < invocation->allow_net.n; index++)
		line = pool_print(pool, "%s --allow-net %s", line, command_line_quote(pool, invocation->allow_net.items[index]));
	for (index = 0; index < invocation->ignore.n; index++)
		line = pool_print(pool, "%s --ignore %s", line, command_line_quote(pool, invocation->ignore.items[index]));
	if (invocation->check)
		line = pool_print(pool, "%s --check %s", line, command_line_quote(pool, invocation->check));
	line = pool_print(pool, "%s%s%s", line, invocation->reads ? " --reads" : "",
		invocation->real_databases ? " --real-databases" : "");
	return pool_print(pool, "%s %s -- %s", line, command_line_quote(pool, schedule),
		command_line_join(pool, invocation->target));
}

/* Writes the finding's schedule; returns how many lines it has, 0 when there is none. */
static uint32_t save_schedule(struct invocation *invocation, struct finding *finding, struct symbolise *symbolise)
{
	struct schedule *schedule = schedule_file_make(invocation->pool, finding, symbolise, invocation->target);
	const char *path = schedule_file_name(invocation->pool, invocation->output, finding);
	uint32_t nlines = 0;

	if (!schedule)
		return 0;
	if (schedule_file_make_folder(invocation->pool, invocation->output) == 0 &&
		schedule_file_write(invocation->pool, schedule, path) == 0) {
		nlines = schedule->nlines;
		finding->schedule_path = strdup(path);
	}
	schedule_close(schedule);
	return nlines;
}

/*
 * The rich trace of the finding. Where another seed changes nothing (the program draws no random numbers), it gets the
 * usual one, which schedules need not name.
 */
static void enrich(struct campaign *campaign, struct finding *finding)
{
	uint64_t seed = finding->plan.seed, hash;

	if (campaign_enrich(campaign, finding) || !finding->trace || seed == SEED_USUAL)
		return;
	hash = finding->trace->result.hash;
	finding->plan.seed = SEED_USUAL;
	if (campaign_enrich(campaign, finding) == 0 && finding->trace->result.hash == hash)
		return;
	finding->plan.seed = seed;
	campaign_enrich(campaign, finding);
}

/* -1: its schedule could not be written. */
static int harvest(struct invocation *invocation, struct campaign *campaign, struct finding *finding,
	struct symbolise *symbolise, struct document *document)
{
	struct document_finding *entry;
	const char *replay = NULL;
	uint32_t nlines;

	if (document_has(document, finding->fingerprint))
		return 0; /* a committed schedule has shown it already */
	if (!invocation->no_minimize && !stop_signal)
		campaign_minimize(campaign, finding, MINIMIZE_EXECUTIONS);
	enrich(campaign, finding);
	if (!finding->trace)
		finding_set_message(finding, "%s; it did not occur again when the execution was repeated: there is no schedule",
			pool_copy(invocation->pool, finding->message ? finding->message : ""));
	nlines = save_schedule(invocation, finding, symbolise);
	if (finding->schedule_path)
		replay = search_replay_line(invocation, finding->schedule_path);
	entry = document_add(document, finding, NULL, symbolise, replay, invocation->literals);
	entry->nlines = nlines;
	return finding->trace && !finding->schedule_path ? -1 : 0;
}

static int harvest_all(struct invocation *invocation, struct campaign *campaign, struct campaign_result *result,
	struct symbolise *symbolise, struct document *document)
{
	uint32_t index;
	int failed = 0;

	for (index = 0; index < result->findings.n; index++)
		failed |= harvest(invocation, campaign, result->findings.items[index], symbolise, document);
	return failed;
}

/* Each execution's output, as it comes: --show-output. */
static void show_output(void *state, uint64_t number, const struct trace *trace, struct execution *execution)
{
	struct progress *progress = state;
	bool truncated;
	size_t nbytes;
	const char *output = execution_output(execution, &nbytes, &truncated);

	(void)trace;
	progress_clear(progress);
	fprintf(stderr, "execution %llu:\n", (unsigned long long)number);
	fwrite(output, 1, nbytes, stderr);
	if (truncated)
		fputs("\n(the rest was cut)\n", stderr);
}

/* What can't wait for the result. */
static void warn(void *state, const char *sentence)
{
	progress_clear(state);
	fprintf(stderr, "race: warning: %s\n", sentence);
}

static void note_settings(struct invocation *invocation, struct document *document)
{
	uint32_t index;

	document->command = pool_copy(document->pool, command_line_join(invocation->pool, invocation->target));
	for (index = 0; index < invocation->ignore.n; index++) {
		document->ignored = pool_grow(document->pool, document->ignored, document->nignored, sizeof(char *));
		document->ignored[document->nignored++] = pool_copy(document->pool, invocation->ignore.items[index]);
	}
}

static int run_campaign(struct invocation *invocation, struct campaign *campaign, struct campaign_result *result,
	struct document *document)
{
	struct symbolise *symbolise = symbolise_open(execution_control(campaign_execution(campaign)));
	int failed;

	campaign_use_symbols(campaign, symbolise_symbols(symbolise));
	failed = campaign_run(campaign, result);
	document_set_result(document, result); /* before findings are shrunk: that is no exploring */
	if (!failed)
		failed = harvest_all(invocation, campaign, result, symbolise, document);
	document_add_written(document, execution_control(campaign_execution(campaign)));
	campaign_use_symbols(campaign, NULL);
	symbolise_close(symbolise);
	return failed;
}

int search_run(struct invocation *invocation, const char *library, struct document *document, int *interrupted_by)
{
	struct campaign_result result = {0};
	struct campaign_options options;
	struct campaign *campaign;
	struct progress progress;
	int failed = 0;
	bool made;

	if (search_options(invocation, library, &options))
		return EXIT_USAGE;
	progress_init(&progress, invocation->max_executions, invocation->quiet);
	progress.stop = &stop_signal;
	options.progress = progress_show;
	options.progress_state = &progress;
	options.warned = warn;
	if (invocation->show_output)
		options.observed = show_output;
	watch_signals();
	/* a program that lists the folder (Python does) finds there what it will find when schedules are replayed */
	made = mkdir(invocation->output, 0777) == 0;
	campaign = campaign_open(&options, &result);
	if (campaign)
		failed = run_campaign(invocation, campaign, &result, document);
	else
		document_set_result(document, &result);
	progress_clear(&progress);
	if (!document->ran && document->reason)
		fprintf(stderr, "race %s: %s\n", invocation->command->name, document->reason);
	note_settings(invocation, document);
	campaign_close(campaign, &result);
	if (made)
		rmdir(invocation->output); /* unless something is in it */
	unwatch_signals();
	*interrupted_by = stop_signal;
	document->exit_code = failed ? EXIT_INTERNAL : invocation_exit(invocation, document->exit_code);
	return failed ? EXIT_INTERNAL : result.exit_code;
}
