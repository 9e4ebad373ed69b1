/*
 * Hand-made traces for unit tests: a story is told task by task, step by step, and read as a struct trace.
 *
 *     struct story story;
 *     story_begin(&story);                       task 1 is main
 *     uint16_t charge = story_task(&story, "charge", 1);
 *     story_statement(&story, charge, SELECT);   a step, with what it changed told after it
 *     story_end(&story)                          -> const struct trace *
 */
#ifndef RACE_TESTS_STORY_H
#define RACE_TESTS_STORY_H

#include <stdio.h>
#include <string.h>

#include "explorer/trace_read.h"
#include "shared/op.h"

enum { STORY_MOST = 256, STORY_TASKS = 16, STORY_DATABASE = 40, STORY_CONNECTION = 41, STORY_OBJECTS = 48 };

struct story {
	struct trace trace;
	struct trace_task tasks[STORY_TASKS];
	struct trace_object objects[STORY_OBJECTS];
	struct trace_announce announces[STORY_MOST];
	struct trace_step steps[STORY_MOST];
	struct trace_row rows[STORY_MOST];
	struct trace_effect effects[STORY_MOST];
	struct trace_unit units[STORY_MOST];
	struct trace_transaction transactions[STORY_MOST];
	struct statement statements[32];
	char text[4096];
};

static inline uint64_t story_hash(const char *text)
{
	uint64_t hash = 1469598103934665603ULL;

	for (; *text; text++)
		hash = (hash ^ (unsigned char)*text) * 1099511628211ULL;
	return hash;
}

static inline uint32_t story_text(struct story *story, const char *text)
{
	uint32_t at = story->trace.text_used;

	strcpy(story->text + at, text);
	story->trace.text_used += (uint32_t)strlen(text) + 1;
	return at;
}

static inline uint16_t story_task(struct story *story, const char *name, uint16_t parent)
{
	uint16_t id = (uint16_t)++story->trace.ntasks;

	story->tasks[id] = (struct trace_task){.id = id, .parent = parent, .process = parent ?
		story->tasks[parent].process : 1, .identity = story_hash(name), .name = name,
		.flags = parent ? 0 : TASK_MAIN, .object = id};
	return id;
}

static inline uint16_t story_process(struct story *story, const char *name, uint16_t parent)
{
	uint16_t id = story_task(story, name, parent);

	story->tasks[id].process = id;
	story->tasks[id].flags = TASK_MAIN;
	return id;
}

static inline void story_begin(struct story *story)
{
	memset(story, 0, sizeof *story);
	story->trace.result.outcome = OUTCOME_EXITED;
	story->trace.text_used = 1;
	story_task(story, "main", 0);
	for (int i = 0; i < STORY_OBJECTS; i++)
		story->objects[i].name = "";
	story->objects[STORY_DATABASE].kind = OBJECT_DATABASE;
	story->objects[STORY_CONNECTION].kind = OBJECT_CONNECTION;
}

static inline uint32_t story_step(struct story *story, uint16_t task, uint16_t op, uint32_t object)
{
	uint32_t step = story->trace.nsteps++;

	story->trace.nannounces++;
	story->announces[step] = (struct trace_announce){.request = {.op = op, .object = object}, .task = task,
		.at_step = step, .ordinal = story->tasks[task].nops++};
	story->steps[step] = (struct trace_step){.announce = step, .task = task, .nalternatives = 1, .choice = ~0U,
		.done = true};
	return step;
}

/* A statement of one table, or two: text, kind, "table" read and "table" written (NULL: none). */
static inline uint32_t story_prepare(struct story *story, const char *text, uint8_t kind, const char *reads,
	const char *writes)
{
	uint32_t index = ++story->trace.nstatements;
	struct statement *statement = &story->statements[index];

	*statement = (struct statement){.hash = story_hash(text), .text = story_text(story, text), .kind = kind};
	if (reads)
		statement->tables[statement->ntables++] = (struct statement_table){
			.table = story_hash(reads), .name = story_text(story, reads), .reads = 1};
	if (writes)
		statement->tables[statement->ntables++] = (struct statement_table){
			.table = story_hash(writes), .name = story_text(story, writes), .writes = 1};
	return index;
}

/* One step of a statement on the story's database, committed by itself; `changes` rows, `error` 0: fine. */
static inline uint32_t story_statement(struct story *story, uint16_t task, uint32_t statement, uint32_t changes,
	uint32_t error)
{
	uint32_t step = story_step(story, task, OP_SQLITE_STEP, STORY_DATABASE);

	story->announces[step].request.statement = statement;
	story->announces[step].request.second = STORY_CONNECTION;
	story->transactions[story->trace.ntransactions++] = (struct trace_transaction){.at_step = step, .task = task,
		.database = STORY_DATABASE, .connection = STORY_CONNECTION, .changes = changes, .error = error,
		.statement = statement, .autocommit = 1, .ended = changes && !error ? 1 : 0};
	return step;
}

/* What the last step returned. */
static inline void story_digest(struct story *story, uint64_t digest)
{
	story->steps[story->trace.nsteps - 1].digest = digest;
}

/* The last step changed a row: 'i', 'u' or 'd'. */
static inline void story_row(struct story *story, uint16_t task, const char *table, int64_t rowid, char change)
{
	story->rows[story->trace.nrows++] = (struct trace_row){.at_step = story->trace.nsteps - 1, .task = task,
		.database = STORY_DATABASE, .table = story_hash(table), .rowid = rowid, .change = change,
		.table_name = table, .values = ""};
}

static inline void story_effect(struct story *story, uint16_t task, const char *name, const char *key)
{
	uint32_t step = story_step(story, task, OP_EFFECT, 0);

	story->effects[story->trace.neffects++] = (struct trace_effect){.at_step = step, .task = task, .name = name,
		.key = key};
}

static inline void story_exit(struct story *story, uint16_t task, int64_t value)
{
	story_step(story, task, OP_EXIT, task);
	story->tasks[task].exited = true;
	story->tasks[task].exit_value = value;
}

static inline const struct trace *story_end(struct story *story)
{
	struct trace *trace = &story->trace;

	trace->tasks = story->tasks;
	trace->objects = story->objects;
	trace->nobjects = STORY_OBJECTS - 1;
	trace->announces = story->announces;
	trace->steps = story->steps;
	trace->rows = story->rows;
	trace->effects = story->effects;
	trace->units = story->units;
	trace->transactions = story->transactions;
	trace->statements = story->statements;
	trace->text = story->text;
	return trace;
}

#endif
