#include "logbook.h"

#include "control_block.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const struct simulator_op main_ops[] = {{.op = OP_CREATE, .object = 2}, {.op = OP_CREATE, .object = 3},
	{.op = OP_JOIN, .object = 2}, {.op = OP_JOIN, .object = 3}};
static const struct simulator_op worker_ops[] = {{.op = OP_MUTEX_LOCK, .object = 1},
	{.op = OP_SQLITE_STEP, .object = 2, .statement = 1}, {.op = OP_MUTEX_UNLOCK, .object = 1}};
static const struct simulator_task tasks[] = {SIMULATOR_TASK("main", main_ops), SIMULATOR_TASK("worker", worker_ops),
	SIMULATOR_TASK("other", worker_ops)};
static const struct simulator_object objects[] = {{.kind = OBJECT_MUTEX}, {.kind = OBJECT_DATABASE}};
static const struct simulator_program program = SIMULATOR_PROGRAM(tasks, objects);

void logbook_init(struct logbook *logbook)
{
	*logbook = (struct logbook){.identity = {1, 2, 3, 4, 5}, .simulator = simulator_open()};
	snprintf(logbook->path, sizeof logbook->path, "/tmp/race-logbook-%d", (int)getpid());
	unlink(logbook->path);
}

int logbook_open(struct logbook *logbook)
{
	control_block_free(logbook->control);
	logbook->control = control_block_new();
	if (!logbook->control)
		abort();
	logbook->control->text_used = 1;
	logbook->journal = journal_open(logbook->path, &logbook->identity, logbook->control, logbook->reason,
		sizeof logbook->reason, &logbook->exit_code);
	return logbook->journal ? 0 : -1;
}

uint64_t logbook_plan(uint64_t number)
{
	struct plan_draft draft = {.plan = simulator_plan(CHOOSER_RANDOM, number)};

	return journal_plan(&draft);
}

uint64_t logbook_run(struct logbook *logbook, uint64_t number, struct trace **trace)
{
	struct plan plan = simulator_plan(CHOOSER_RANDOM, number);
	const char *reason = "";
	size_t nbytes;

	simulator_run(logbook->simulator, &program, &plan, NULL);
	const void *bytes = simulator_trace(logbook->simulator, &nbytes);
	if (trace && !(*trace = trace_read(bytes, nbytes, simulator_result(logbook->simulator), NULL, &reason)))
		abort();
	return simulator_result(logbook->simulator)->hash;
}

void logbook_add_statement(struct logbook *logbook, const char *text)
{
	struct control *control = logbook->control;
	uint32_t at = control->text_used;

	memcpy(control->text + at, text, strlen(text) + 1);
	control->text_used += (uint32_t)strlen(text) + 1;
	control->statements[++control->nstatements] =
		(struct statement){.hash = at, .text = at, .flags = STATEMENT_UNBOUNDED};
}

int logbook_write(struct logbook *logbook, uint64_t number, uint32_t flags, const char *notes, size_t note_bytes)
{
	struct result result;
	size_t nbytes;

	logbook_run(logbook, number, NULL);
	result = *simulator_result(logbook->simulator);
	const void *bytes = simulator_trace(logbook->simulator, &nbytes);
	result.trace_bytes = nbytes;
	if (journal_hold(logbook->journal, number, logbook_plan(number), &result, bytes, logbook->control))
		abort();
	return journal_keep(logbook->journal, flags, notes, note_bytes, logbook->reason, sizeof logbook->reason);
}

void logbook_close(struct logbook *logbook)
{
	journal_close(logbook->journal);
	logbook->journal = NULL;
}

void logbook_fini(struct logbook *logbook)
{
	logbook_close(logbook);
	unlink(logbook->path);
	control_block_free(logbook->control);
	simulator_close(logbook->simulator);
}
