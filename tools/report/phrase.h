/*
 * Traces in words: what a task does, with what, and how it went.
 */
#ifndef RACE_TOOLS_PHRASE_H
#define RACE_TOOLS_PHRASE_H

#include "../pool.h"
#include "../symbolise.h"
#include "explorer/trace_read.h"

/* What a task does: "locks accounts"; with `blocked` what it is about to do: "waits for accounts". */
const char *phrase_request(struct pool *pool, const struct trace *trace, const struct request *request,
	struct symbolise *symbolise, bool blocked);

/* How an object is called: its own name, a variable's, or its kind and its number among its kind. */
const char *phrase_object(struct pool *pool, const struct trace *trace, uint32_t object,
	struct symbolise *symbolise);

/* What came of an operation that did not simply succeed: "times out", "EBUSY"; NULL when there is nothing to say. */
const char *phrase_result(struct pool *pool, uint16_t op, int64_t result);

/* "1 row", "3 rows". */
const char *phrase_count(struct pool *pool, uint64_t count, const char *noun);

/* A finding's sentence without the `KIND: ` or `CLASS: ` that stands in the headline already. */
const char *phrase_message(const char *message, const char *kind, const char *class);

/* A number with separators: 12,345. */
const char *phrase_number(struct pool *pool, uint64_t number);

/* A source file relative to the current folder where it is inside; NULL for NULL. */
const char *phrase_path(struct pool *pool, const char *path);

/* The last component of a path. */
const char *phrase_base(const char *path);

#endif
