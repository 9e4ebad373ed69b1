/*
 * The second pass of reading a trace: what each kind of record says. For trace_read.c alone.
 *
 * The first pass has counted the records and made the tables; here they are filled. The target may still be alive
 * and write into the records meanwhile, so each field is read once and the tables' lengths are the counted ones.
 */
#ifndef RACE_EXPLORER_TRACE_RECORDS_H
#define RACE_EXPLORER_TRACE_RECORDS_H

#include "arena.h"
#include "trace_read.h"

/* What is known of one task while the records are read. Indices + 1, 0: none. */
struct trace_records_task {
	uint32_t pending;        /* announcement not yet performed */
	uint32_t step;           /* last step, until its DONE has come */
	uint32_t outer_step;     /* step inside which that one is made: a library call that had to block */
	uint32_t unit;           /* innermost open unit */
	uint32_t stack_announce; /* what a stack that follows belongs to; one of the two */
	uint32_t stack_fail;
};

struct trace_records {
	struct trace *trace;
	struct arena *arena;
	const struct record *record; /* being read; whole, and no shorter than its kind */
	uint32_t nbytes;             /* its length, kind and task as they were checked */
	uint16_t kind, task;
	uint32_t counts[RECORD_KIND_END];
	uint32_t norphans;           /* steps that nobody announced */
	uint32_t max_task, max_object;
	uint32_t *outer_units;       /* [counted units]: the unit that one is nested in: index + 1 */
	struct trace_records_task tasks[LIMIT_TASKS];
	bool short_of_memory;
};

/* Enters the record into the trace. */
void trace_records_read(struct trace_records *reading);

/* Those of requests do the same (trace_requests.c). */
void trace_requests_read(struct trace_records *reading);
void trace_requests_read_work(struct trace_records *reading);
void trace_requests_read_reply(struct trace_records *reading);

/* The text that starts `offset` bytes into the record; ends at its NUL or with the record. Never NULL. */
const char *trace_records_text(struct trace_records *reading, size_t offset);

/* Index of the step during which something happens. */
uint32_t trace_records_step(const struct trace_records *reading);

#endif
