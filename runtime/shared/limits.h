/*
 * Every fixed capacity of the control block, in one table.
 *
 * The target can neither allocate nor grow anything, so each table has a fixed length. Exceeding one is never
 * silent: the runtime notes it with limit_name(), the execution is marked `uncontrolled` with that name, and the
 * report says which limit was met and how large it is. (WRITTEN takes no control away: the result says that there
 * are more.)
 */
#ifndef RACE_SHARED_LIMITS_H
#define RACE_SHARED_LIMITS_H

#include <stdint.h>

/* X(identifier, value, what a person calls it) */
#define LIMITS(X) \
	X(TASKS, 1024, "tasks in one execution") \
	X(PROCESSES, 512, "processes in one execution") \
	X(OBJECTS, 65536, "synchronisation objects in one execution") \
	X(STEPS, 1048576, "steps in one execution") \
	X(PREFIX, 1048576, "choices in a forced prefix") \
	X(TRACE_BYTES, 402653184, "bytes of trace in one execution") \
	X(SLOTS, 4, "plans and traces under way at once") \
	X(MODULES, 8192, "loaded modules") \
	X(STATEMENTS, 8192, "distinct database statements") \
	X(TEXT_BYTES, 4194304, "bytes of names and statement texts") \
	X(REDIRECTS, 64, "database files") \
	X(ROUTINES, 256, "named start routines") \
	X(HOLDS, 32, "locks held by one task") \
	X(UNITS, 64, "units in a prescribed serial order") \
	X(NAME_BYTES, 48, "bytes of a task's name") \
	X(LOG_BYTES, 65536, "bytes of runtime log") \
	X(CHANNELS, 4096, "pipes, eventfds and other descriptors between tasks") \
	X(CONVERSATIONS, 512, "HTTP connections between tasks at a time") \
	X(REQUESTS, 1024, "HTTP requests in one execution") \
	X(PIPELINED, 8, "HTTP requests without an answer on one connection") \
	X(WRITTEN, 512, "files written that are listed")

enum limit {
#define X(identifier, value, text) LIMIT_##identifier = value,
	LIMITS(X)
#undef X
};

/* The text of the limit with this identifier: limit_text(LIMIT_ID_TASKS). */
enum limit_id {
	LIMIT_ID_NONE,
#define X(identifier, value, text) LIMIT_ID_##identifier,
	LIMITS(X)
#undef X
	LIMIT_ID_COUNT
};

static inline const char *limit_text(enum limit_id id)
{
	switch (id) {
#define X(identifier, value, text) case LIMIT_ID_##identifier: return text;
	LIMITS(X)
#undef X
	default: return "no limit";
	}
}

static inline uint64_t limit_value(enum limit_id id)
{
	switch (id) {
#define X(identifier, value, text) case LIMIT_ID_##identifier: return value;
	LIMITS(X)
#undef X
	default: return 0;
	}
}

#endif
