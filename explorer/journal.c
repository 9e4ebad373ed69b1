#include "journal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include <xxhash.h>

#include "shared/outcome.h"

struct journal {
	char *path;
	int fd;                   /* -1: nothing is written any more */
	uint64_t length;          /* of what is good */
	struct journal_view view; /* what earlier sessions wrote */
	uint64_t nanswers, nrecalled;
	struct control *before;   /* tables as they were when the answer recalled last was given */
	struct control *written;  /* tables as the file knows them */
	char *held;               /* tables and an execution, to be written */
	size_t held_bytes, held_capacity, held_at; /* held_at: of the execution's record */
	struct timespec last;     /* when the last answer was written, or the session began */
};

static const char *const other_searches[] = {
	"it was made with another command",
	"the program has changed since",
	"librace.so has changed since",
	"it was made with another --strategy, --chooser, --bound, --delays, --depth, --seed, --reuse or --real-databases",
	"it was judged with another --oracle, --check, --ignore or --reads",
};

/* Control blocks that only hold tables; their untouched pages cost nothing. */
static struct control *tables_open(void)
{
	struct control *control = mmap(NULL, sizeof *control, PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (control == MAP_FAILED)
		return NULL;
	control->text_used = 1;
	return control;
}

static void tables_close(struct control *control)
{
	if (control)
		munmap(control, sizeof *control);
}

__attribute__((format(printf, 5, 6)))
static int refuse(char *reason, size_t reason_bytes, int *exit_code, int code, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(reason, reason_bytes, format, arguments);
	va_end(arguments);
	*exit_code = code;
	return -1;
}

static int write_all(int fd, const char *bytes, size_t nbytes, uint64_t at)
{
	while (nbytes > 0) {
		ssize_t done = pwrite(fd, bytes, nbytes, (off_t)at);
		if (done < 0 && errno == EINTR)
			continue;
		if (done <= 0)
			return -1;
		bytes += done;
		at += (uint64_t)done;
		nbytes -= (size_t)done;
	}
	return 0;
}

/* Not inherited by the processes that we fork, some of which outlive us by a moment. */
static int lock(int fd)
{
	struct flock whole = {.l_type = F_WRLCK, .l_whence = SEEK_SET};

	return fcntl(fd, F_SETLK, &whole);
}

static int open_file(struct journal *journal, char *reason, size_t reason_bytes, int *exit_code)
{
	struct stat status;

	journal->fd = open(journal->path, O_RDWR | O_CREAT | O_CLOEXEC | O_NONBLOCK, 0600);
	if (journal->fd < 0 || fstat(journal->fd, &status) < 0)
		return refuse(reason, reason_bytes, exit_code, EXIT_INTERNAL, "cannot use %s: %s", journal->path,
			strerror(errno));
	if (!S_ISREG(status.st_mode))
		return refuse(reason, reason_bytes, exit_code, EXIT_USAGE, "%s is not a regular file", journal->path);
	if (lock(journal->fd) < 0)
		return refuse(reason, reason_bytes, exit_code, EXIT_USAGE, "%s is in use by another race", journal->path);
	journal->view.nbytes = (size_t)status.st_size;
	return 0;
}

static int begin(struct journal *journal, const struct journal_identity *identity, char *reason, size_t reason_bytes,
	int *exit_code)
{
	struct journal_head head = {.magic = JOURNAL_MAGIC, .version = JOURNAL_VERSION, .nbytes = sizeof head,
		.identity = *identity};
	int error;

	head.sum = journal_sum(&head, offsetof(struct journal_head, sum));
	journal->length = sizeof head;
	if (write_all(journal->fd, (const char *)&head, sizeof head, 0) == 0)
		return 0;
	error = errno;
	if (ftruncate(journal->fd, 0) < 0)
		error = errno;
	return refuse(reason, reason_bytes, exit_code, EXIT_INTERNAL, "cannot write %s: %s", journal->path,
		strerror(error));
}

static int check_head(struct journal *journal, const struct journal_identity *identity, char *reason,
	size_t reason_bytes, int *exit_code)
{
	struct journal_identity found;
	const char *wrong = journal_read_head(&journal->view, &found);
	const uint64_t *left = (const uint64_t *)&found, *right = (const uint64_t *)identity;

	if (wrong)
		return refuse(reason, reason_bytes, exit_code, EXIT_USAGE, "%s %s; name another file", journal->path, wrong);
	for (size_t i = 0; i < sizeof found / sizeof *left; i++)
		if (left[i] != right[i])
			return refuse(reason, reason_bytes, exit_code, EXIT_USAGE,
				"%s is the state of another search: %s; delete it or name another file", journal->path,
				other_searches[i]);
	return 0;
}

/* Reads all there is once: how far it is good, and the tables as they were at the end. */
static enum journal_next scan(struct journal *journal, struct control *control)
{
	struct journal_view view = journal->view;
	struct journal_item item;
	enum journal_next next;

	for (;;) {
		size_t before = view.at;
		next = journal_read_next(&view, &item);
		if (next == JOURNAL_NEXT_TABLES &&
			(journal_read_tables(item.tables, control) < 0 || journal_read_tables(item.tables, journal->written) < 0)) {
			next = JOURNAL_NEXT_DAMAGED;
			view.at = before;
		}
		if (next == JOURNAL_NEXT_EXECUTION && item.execution->number != journal->nanswers + 1) {
			next = JOURNAL_NEXT_DAMAGED;
			view.at = before;
		}
		if (next != JOURNAL_NEXT_TABLES && next != JOURNAL_NEXT_EXECUTION)
			break;
		journal->nanswers += next == JOURNAL_NEXT_EXECUTION;
	}
	journal->length = view.at;
	return next;
}

static int load(struct journal *journal, const struct journal_identity *identity, struct control *control, char *reason,
	size_t reason_bytes, int *exit_code)
{
	void *bytes = mmap(NULL, journal->view.nbytes, PROT_READ, MAP_PRIVATE, journal->fd, 0);

	if (bytes == MAP_FAILED)
		return refuse(reason, reason_bytes, exit_code, EXIT_INTERNAL, "cannot read %s: %s", journal->path,
			strerror(errno));
	journal->view.bytes = bytes;
	if (check_head(journal, identity, reason, reason_bytes, exit_code) < 0)
		return -1;
	if (scan(journal, control) == JOURNAL_NEXT_DAMAGED)
		snprintf(reason, reason_bytes, "%s is damaged after execution %llu: the rest was cut off and is explored anew",
			journal->path, (unsigned long long)journal->nanswers);
	if (ftruncate(journal->fd, (off_t)journal->length) < 0)
		return refuse(reason, reason_bytes, exit_code, EXIT_INTERNAL, "cannot write %s: %s", journal->path,
			strerror(errno));
	return 0;
}

struct journal *journal_open(const char *path, const struct journal_identity *identity, struct control *control,
	char *reason, size_t reason_bytes, int *exit_code)
{
	struct journal *journal = calloc(1, sizeof *journal);

	*reason = '\0';
	if (journal) {
		journal->fd = -1;
		journal->path = strdup(path);
		journal->before = tables_open();
		journal->written = tables_open();
		clock_gettime(CLOCK_MONOTONIC, &journal->last);
	}
	if (!journal || !journal->path || !journal->before || !journal->written)
		refuse(reason, reason_bytes, exit_code, EXIT_INTERNAL, "out of memory");
	else if (open_file(journal, reason, reason_bytes, exit_code) == 0 &&
		(journal->view.nbytes ? load(journal, identity, control, reason, reason_bytes, exit_code) :
			begin(journal, identity, reason, reason_bytes, exit_code)) == 0)
		return journal;
	journal_close(journal);
	return NULL;
}

uint64_t journal_pending(const struct journal *journal)
{
	return journal->nanswers - journal->nrecalled;
}

static int answer_fill(struct journal *journal, const struct journal_item *item, struct journal_answer *answer,
	char *reason, size_t reason_bytes)
{
	const struct journal_execution *execution = item->execution;
	const char *unread = "";

	*answer = (struct journal_answer){
		.trace = trace_read(item->trace, execution->trace_bytes, &execution->result, journal->before, &unread),
		.flags = execution->flags,
		.elapsed_ns = execution->elapsed_ns,
		.notes = item->notes,
		.note_bytes = execution->note_bytes,
	};
	if (!answer->trace)
		snprintf(reason, reason_bytes, "execution %llu in %s cannot be used: %s",
			(unsigned long long)execution->number, journal->path, unread);
	return answer->trace ? 0 : -1;
}

enum journal_recall journal_recall(struct journal *journal, uint64_t number, uint64_t plan,
	struct journal_answer *answer, char *reason, size_t reason_bytes)
{
	struct journal_item item = {0};

	if (journal_pending(journal) == 0)
		return JOURNAL_NO_MORE;
	/* all of it was found good when it was opened */
	while (journal_read_next(&journal->view, &item) == JOURNAL_NEXT_TABLES)
		if (journal_read_tables(item.tables, journal->before) < 0)
			break;
	if (item.execution && item.execution->number == number && item.execution->plan == plan) {
		journal->nrecalled++;
		return answer_fill(journal, &item, answer, reason, reason_bytes) < 0 ? JOURNAL_FOREIGN : JOURNAL_RECALLED;
	}
	snprintf(reason, reason_bytes, "%s is the state of another search: execution %llu in it is not the one that is to "
		"be run now; delete it or name another file", journal->path, (unsigned long long)number);
	return JOURNAL_FOREIGN;
}

uint64_t journal_plan(const struct plan_draft *draft)
{
	const struct plan *plan = &draft->plan;
	uint32_t norder = plan->norder < LIMIT_UNITS ? plan->norder : LIMIT_UNITS;
	uint64_t numbers[] = {plan->seed, plan->choices, plan->clock_start_ns, plan->chooser, plan->flags, plan->max_steps, plan->depth,
		plan->length, norder, plan->mark, plan->faults, draft->nprefix, journal_sum(plan->order, norder * sizeof *plan->order),
		journal_sum(draft->prefix, draft->nprefix * sizeof *draft->prefix)};

	return journal_sum(numbers, sizeof numbers);
}

/* Room for `nbytes` more, rounded up to 8 and zeroed at the end; NULL: memory is short. */
static void *hold(struct journal *journal, size_t nbytes)
{
	size_t rounded = (nbytes + 7) & ~(size_t)7;

	if (journal->held_capacity - journal->held_bytes < rounded) {
		size_t capacity = (journal->held_bytes + rounded) * 2;
		char *grown = realloc(journal->held, capacity);
		if (!grown)
			return NULL;
		journal->held = grown;
		journal->held_capacity = capacity;
	}
	char *at = journal->held + journal->held_bytes;
	if (rounded)
		memset(at + rounded - 8, 0, 8);
	journal->held_bytes += rounded;
	return at;
}

/* Completes the record at `at`, which goes to the end of what is held. */
static void seal(struct journal *journal, size_t at, enum journal_kind kind)
{
	struct journal_record *record = (void *)(journal->held + at);

	*record = (struct journal_record){.kind = kind, .nbytes = journal->held_bytes - at - sizeof *record};
	record->content = journal_sum(record + 1, record->nbytes);
	record->sum = journal_sum(record, offsetof(struct journal_record, sum));
}

static bool is_changed(const struct journal *journal, const struct control *control, uint32_t index)
{
	return memcmp(&journal->written->statements[index], &control->statements[index],
		sizeof control->statements[index]) != 0;
}

/* Statements and texts that the file does not know yet; nothing when there are none. */
static int hold_tables(struct journal *journal, const struct control *control)
{
	struct journal_tables tables = {.nstatements = control->nstatements, .text_at = journal->written->text_used,
		.text_bytes = control->text_used - journal->written->text_used};
	size_t at = journal->held_bytes;
	char *place;

	for (uint32_t i = 1; i <= control->nstatements; i++)
		tables.nchanged += is_changed(journal, control, i);
	if (!tables.nchanged && !tables.text_bytes)
		return 0;
	place = hold(journal, sizeof(struct journal_record) + sizeof tables +
		tables.nchanged * sizeof(struct journal_statement) + tables.text_bytes);
	if (!place)
		return -1;
	place += sizeof(struct journal_record);
	memcpy(place, &tables, sizeof tables);
	struct journal_statement *entry = (void *)(place + sizeof tables);
	for (uint32_t i = 1; i <= control->nstatements; i++)
		if (is_changed(journal, control, i))
			*entry++ = (struct journal_statement){.index = i, .statement = control->statements[i]};
	memcpy(entry, control->text + tables.text_at, tables.text_bytes);
	seal(journal, at, JOURNAL_TABLES);
	return journal_read_tables((const void *)(journal->held + at + sizeof(struct journal_record)), journal->written);
}

int journal_hold(struct journal *journal, uint64_t number, uint64_t plan, const struct result *result,
	const void *records, const struct control *control)
{
	struct journal_execution execution = {.number = number, .plan = plan, .result = *result,
		.trace_bytes = result->trace_bytes <= LIMIT_TRACE_BYTES ? result->trace_bytes & ~(uint64_t)7 : 0};
	char *place;

	if (journal->fd < 0)
		return 0;
	if (hold_tables(journal, control) < 0)
		return -1;
	journal->held_at = journal->held_bytes;
	place = hold(journal, sizeof(struct journal_record) + sizeof execution + execution.trace_bytes);
	if (!place)
		return -1;
	memcpy(place + sizeof(struct journal_record), &execution, sizeof execution);
	memcpy(place + sizeof(struct journal_record) + sizeof execution, records, execution.trace_bytes);
	return 0;
}

static uint64_t take_elapsed(struct journal *journal)
{
	struct timespec now, last = journal->last;

	clock_gettime(CLOCK_MONOTONIC, &now);
	journal->last = now;
	return (uint64_t)(now.tv_sec - last.tv_sec) * 1000000000 + (uint64_t)now.tv_nsec - (uint64_t)last.tv_nsec;
}

/* Nothing half-written is left behind where that can be helped; a reader would cut it off, too. */
static int give_up(struct journal *journal, char *reason, size_t reason_bytes)
{
	int error = errno;

	if (ftruncate(journal->fd, (off_t)journal->length) < 0)
		error = errno;
	snprintf(reason, reason_bytes, "the search can't be kept in %s any more: %s; it can be resumed from execution %llu",
		journal->path, strerror(error), (unsigned long long)journal->nanswers);
	close(journal->fd);
	journal->fd = -1;
	return -1;
}

int journal_keep(struct journal *journal, uint32_t flags, const char *notes, size_t note_bytes, char *reason,
	size_t reason_bytes)
{
	if (journal->fd < 0 || journal->held_bytes == 0)
		return 0;
	char *place = hold(journal, note_bytes);
	if (!place) {
		errno = ENOMEM;
		return give_up(journal, reason, reason_bytes);
	}
	if (note_bytes > 0)
		memcpy(place, notes, note_bytes);
	struct journal_execution *execution =
		(void *)(journal->held + journal->held_at + sizeof(struct journal_record));
	execution->flags = flags;
	execution->note_bytes = (uint32_t)note_bytes;
	execution->elapsed_ns = take_elapsed(journal);
	seal(journal, journal->held_at, JOURNAL_EXECUTION);
	if (write_all(journal->fd, journal->held, journal->held_bytes, journal->length) < 0)
		return give_up(journal, reason, reason_bytes);
	journal->length += journal->held_bytes;
	journal->held_bytes = 0;
	journal->nanswers++;
	journal->nrecalled++;
	return 0;
}

void journal_close(struct journal *journal)
{
	if (!journal)
		return;
	if (journal->view.bytes)
		munmap((void *)(uintptr_t)journal->view.bytes, journal->view.nbytes);
	if (journal->fd >= 0)
		close(journal->fd);
	tables_close(journal->before);
	tables_close(journal->written);
	free(journal->held);
	free(journal->path);
	free(journal);
}
