#include "trace_read.h"

#include <stdlib.h>
#include <string.h>

#include "trace_records.h"

static const char *const reason_memory = "not enough memory to read the trace";

/* The bytes that are still to be read, and why they are no trace. */
struct cursor {
	const char *at, *end;
	const char *reason;
};

static const uint32_t fixed_bytes[RECORD_KIND_END] = {
	[RECORD_TASK] = sizeof(struct record_task),
	[RECORD_OBJECT] = sizeof(struct record_object),
	[RECORD_ANNOUNCE] = sizeof(struct record_announce),
	[RECORD_STEP] = sizeof(struct record_step),
	[RECORD_DONE] = sizeof(struct record_done),
	[RECORD_CHOICE] = sizeof(struct record_choice),
	[RECORD_ROW] = sizeof(struct record_row),
	[RECORD_EFFECT] = sizeof(struct record_effect),
	[RECORD_UNIT] = sizeof(struct record_unit),
	[RECORD_STACK] = sizeof(struct record_stack),
	[RECORD_FAIL] = sizeof(struct record_fail),
	[RECORD_UNCONTROLLED] = sizeof(struct record_uncontrolled),
	[RECORD_VALUE] = sizeof(struct record_value),
	[RECORD_TRANSACTION] = sizeof(struct record_transaction),
	[RECORD_LABEL] = sizeof(struct record_label),
	[RECORD_REQUEST] = sizeof(struct record_request),
	[RECORD_WORK] = sizeof(struct record_work),
	[RECORD_REPLY] = sizeof(struct record_reply),
};

/* Moves on to the next whole record of a known kind. False at the end, or when reason has been set. */
static bool cursor_next(struct cursor *cursor, struct trace_records *reading)
{
	while ((size_t)(cursor->end - cursor->at) >= sizeof(struct record)) {
		const struct record *record = (const void *)cursor->at;
		uint32_t nbytes = record->nbytes;
		uint16_t kind = record->kind, task = record->task;
		if (nbytes < sizeof(*record) || nbytes % 8) {
			cursor->reason = "a record of the trace has an impossible length";
			return false;
		}
		if (nbytes > (size_t)(cursor->end - cursor->at))
			return false;
		cursor->at += nbytes;
		if (kind >= RECORD_KIND_END || !fixed_bytes[kind])
			continue;
		if (nbytes < fixed_bytes[kind] || task >= LIMIT_TASKS) {
			cursor->reason = "a record of the trace is shorter than its kind or names an impossible task";
			return false;
		}
		reading->record = record;
		reading->nbytes = nbytes;
		reading->kind = kind;
		reading->task = task;
		return true;
	}
	return false;
}

static void count_max(uint32_t *max, uint32_t value, uint32_t limit)
{
	if (value < limit && value > *max)
		*max = value;
}

static void count_record(struct trace_records *reading, bool *announced)
{
	const void *record = reading->record;
	bool *mine = &announced[reading->task];
	reading->counts[reading->kind]++;
	count_max(&reading->max_task, reading->task, LIMIT_TASKS);
	if (reading->kind == RECORD_TASK) {
		count_max(&reading->max_task, ((const struct record_task *)record)->id, LIMIT_TASKS);
		count_max(&reading->max_object, ((const struct record_task *)record)->object, LIMIT_OBJECTS);
	} else if (reading->kind == RECORD_OBJECT)
		count_max(&reading->max_object, ((const struct record_object *)record)->id, LIMIT_OBJECTS);
	else if (reading->kind == RECORD_STEP)
		reading->norphans += !*mine;
	if (reading->kind == RECORD_ANNOUNCE || reading->kind == RECORD_STEP)
		*mine = reading->kind == RECORD_ANNOUNCE;
}

static void *table(struct trace_records *reading, size_t n, size_t size)
{
	void *entries = arena_array(reading->arena, n + 1, size);
	if (!entries)
		reading->short_of_memory = true;
	return entries;
}

/* Tables as long as the first pass found them to be; the second never writes beyond `counts`. */
static void tables_open(struct trace_records *reading)
{
	struct trace *trace = reading->trace;
	const uint32_t *counts = reading->counts;
	trace->ntasks = reading->max_task;
	trace->nobjects = reading->max_object;
	trace->tasks = table(reading, trace->ntasks, sizeof(*trace->tasks));
	trace->objects = table(reading, trace->nobjects, sizeof(*trace->objects));
	trace->announces = table(reading, (size_t)counts[RECORD_ANNOUNCE] + reading->norphans, sizeof(*trace->announces));
	trace->steps = table(reading, counts[RECORD_STEP], sizeof(*trace->steps));
	trace->guarded = table(reading, counts[RECORD_DONE], sizeof(*trace->guarded));
	trace->value_choices = table(reading, counts[RECORD_CHOICE], sizeof(*trace->value_choices));
	trace->rows = table(reading, counts[RECORD_ROW], sizeof(*trace->rows));
	trace->effects = table(reading, counts[RECORD_EFFECT], sizeof(*trace->effects));
	trace->units = table(reading, counts[RECORD_UNIT], sizeof(*trace->units));
	trace->fails = table(reading, counts[RECORD_FAIL], sizeof(*trace->fails));
	trace->uncontrolled = table(reading, counts[RECORD_UNCONTROLLED], sizeof(*trace->uncontrolled));
	trace->values = table(reading, counts[RECORD_VALUE], sizeof(*trace->values));
	trace->transactions = table(reading, counts[RECORD_TRANSACTION], sizeof(*trace->transactions));
	trace->labels = table(reading, counts[RECORD_LABEL], sizeof(*trace->labels));
	trace->requests = table(reading, counts[RECORD_REQUEST], sizeof(*trace->requests));
	trace->works = table(reading, counts[RECORD_WORK], sizeof(*trace->works));
	reading->outer_units = table(reading, counts[RECORD_UNIT], sizeof(*reading->outer_units));
}

static const char *first_pass(struct cursor cursor, struct trace_records *reading)
{
	bool announced[LIMIT_TASKS] = {false};
	while (cursor_next(&cursor, reading))
		count_record(reading, announced);
	return cursor.reason;
}

static const char *second_pass(struct cursor cursor, struct trace_records *reading)
{
	while (cursor_next(&cursor, reading))
		trace_records_read(reading);
	return cursor.reason;
}

/* A text offset that is out of range becomes that of the empty text behind all others. */
static uint32_t text_in(const struct trace *trace, uint32_t offset)
{
	return offset < trace->text_used ? offset : trace->text_used;
}

static void statement_mend(const struct trace *trace, struct statement *statement)
{
	statement->text = text_in(trace, statement->text);
	if (statement->ntables > STATEMENT_TABLES) {
		statement->ntables = STATEMENT_TABLES;
		statement->flags |= STATEMENT_UNBOUNDED;
	}
	for (unsigned int i = 0; i < statement->ntables; i++)
		statement->tables[i].name = text_in(trace, statement->tables[i].name);
}

/* The campaign's tables as they are now: later executions add to them. */
static void campaign_copy(struct trace_records *reading, const struct control *control)
{
	struct trace *trace = reading->trace;
	uint32_t nstatements = control ? control->nstatements : 0, used = control ? control->text_used : 0;
	trace->nstatements = nstatements < LIMIT_STATEMENTS ? nstatements : LIMIT_STATEMENTS - 1;
	trace->text_used = used < LIMIT_TEXT_BYTES ? used : LIMIT_TEXT_BYTES;
	struct statement *statements = table(reading, trace->nstatements, sizeof(*statements));
	trace->text = arena_text(reading->arena, control ? control->text : NULL, trace->text_used);
	trace->statements = statements;
	if (!statements || !trace->text) {
		reading->short_of_memory = true;
		return;
	}
	for (uint32_t i = 1; i <= trace->nstatements; i++) {
		statements[i] = control->statements[i];
		statement_mend(trace, &statements[i]);
	}
}

static void names_complete(struct trace *trace)
{
	for (uint32_t i = 0; i <= trace->ntasks; i++)
		if (!trace->tasks[i].name)
			trace->tasks[i].name = "?";
	for (uint32_t i = 0; i <= trace->nobjects; i++)
		if (!trace->objects[i].name)
			trace->objects[i].name = "";
}

static void ranks_complete(struct trace *trace)
{
	uint32_t n[OBJECT_KIND_COUNT] = {0};
	for (uint32_t i = 1; i <= trace->nobjects; i++)
		if (trace->objects[i].kind < OBJECT_KIND_COUNT)
			trace->objects[i].rank = ++n[trace->objects[i].kind];
}

static void ends_complete(struct trace_records *reading)
{
	struct trace *trace = reading->trace;
	for (uint32_t i = 1; i <= trace->ntasks; i++)
		trace->tasks[i].pending = reading->tasks[i].pending;
	for (uint32_t i = 0; i < trace->nunits; i++)
		if (trace->units[i].end_step == TRACE_NO_CHOICE)
			trace->units[i].end_step = trace->nsteps;
}

static const char *trace_fill(struct trace_records *reading, struct cursor cursor, const struct control *control)
{
	const char *reason = first_pass(cursor, reading);
	if (reason)
		return reason;
	tables_open(reading);
	campaign_copy(reading, control);
	if (reading->short_of_memory)
		return reason_memory;
	reason = second_pass(cursor, reading);
	names_complete(reading->trace);
	ranks_complete(reading->trace);
	ends_complete(reading);
	return reading->short_of_memory ? reason_memory : reason;
}

struct trace *trace_read(const void *bytes, size_t nbytes, const struct result *result, const struct control *control,
	const char **reason)
{
	struct arena *arena = arena_open();
	struct trace *trace = arena ? arena_array(arena, 1, sizeof(*trace)) : NULL;
	*reason = reason_memory;
	if (!trace)
		goto fail;
	struct trace_records reading = {.trace = trace, .arena = arena};
	struct cursor cursor = {.at = bytes, .end = (const char *)bytes + nbytes};
	trace->arena = arena;
	if (result)
		trace->result = *result;
	*reason = trace_fill(&reading, cursor, control);
	if (*reason)
		goto fail;
	return trace;
fail:
	arena_close(arena);
	return NULL;
}

struct trace *trace_unread(const struct result *result)
{
	struct trace *trace = calloc(1, sizeof *trace);
	if (!trace)
		return NULL;
	trace->result = *result;
	trace->unread = true;
	return trace;
}

void trace_close(struct trace *trace)
{
	if (trace && trace->arena)
		arena_close(trace->arena);
	else
		free(trace);
}

const char *trace_statement_text(const struct trace *trace, uint32_t statement)
{
	if (statement == 0 || statement > trace->nstatements)
		return "";
	return trace->text + trace->statements[statement].text;
}

const struct trace_announce *trace_step_announce(const struct trace *trace, uint32_t step)
{
	return &trace->announces[trace->steps[step].announce];
}

const char *trace_task_name(const struct trace *trace, uint32_t task)
{
	return task && task <= trace->ntasks ? trace->tasks[task].name : "?";
}

static struct directive step_directive(const struct trace_step *step)
{
	uint8_t kind = step->flags & STEP_TIMEOUT ? CHOICE_TIMEOUT : CHOICE_TASK;
	return (struct directive){.form = DIRECTIVE_TAKE, .kind = kind, .task = step->task};
}

static struct directive value_directive(const struct trace_value_choice *choice)
{
	return (struct directive){
		.form = DIRECTIVE_TAKE, .kind = (uint8_t)choice->kind, .task = choice->task, .value = choice->taken};
}

uint32_t trace_first(const struct trace *trace, uint16_t op)
{
	uint32_t step = 0;
	while (step < trace->nsteps && trace_step_announce(trace, step)->request.op != op)
		step++;
	return step;
}

uint32_t trace_prefix(const struct trace *trace, uint32_t nchoices, struct directive *out, uint32_t max)
{
	uint32_t n = nchoices < trace->nchoices ? nchoices : trace->nchoices;
	for (uint32_t i = 0; i < trace->nsteps; i++)
		if (trace->steps[i].choice < n && trace->steps[i].choice < max)
			out[trace->steps[i].choice] = step_directive(&trace->steps[i]);
	for (uint32_t i = 0; i < trace->nvalue_choices; i++)
		if (trace->value_choices[i].choice < n && trace->value_choices[i].choice < max)
			out[trace->value_choices[i].choice] = value_directive(&trace->value_choices[i]);
	return n;
}
