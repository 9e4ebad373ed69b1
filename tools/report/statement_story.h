/*
 * What a database statement did, in lines: rows it read and changed, whether it failed, what it committed. A statement
 * is told once although it takes several steps (one per row).
 */
#ifndef RACE_TOOLS_STATEMENT_STORY_H
#define RACE_TOOLS_STATEMENT_STORY_H

#include <stdbool.h>

#include "../pool.h"
#include "explorer/trace_read.h"

struct statement_story {
	uint32_t statement;
	uint64_t nrows_read;
	uint64_t nchanges;     /* as the database counted them */
	uint32_t first_step, last_step;
	bool begun, finished;  /* no further step belongs to it */
	int64_t error;         /* result code of the step that failed, 0: none */
	uint32_t ended;        /* 1 committed, 2 rolled back a transaction */
	uint32_t nlines;
	const char **lines;    /* once told */
};

/* Adds a step of the statement. */
void statement_story_add(struct statement_story *story, struct pool *pool, const struct trace *trace, uint32_t step);

/* Puts it into lines. With `literals` parameters, rows and values are shown. */
void statement_story_tell(struct statement_story *story, struct pool *pool, const struct trace *trace, bool literals);

/* The statement with its parameters filled in, as the step was recorded; NULL when it was not. */
const char *statement_story_whole(const struct trace *trace, uint32_t step);

/*
 * Is this step only the end of a statement that has been told already: it found no further row, changed nothing, and
 * followed, in its task, a step that returned a row of the same statement?
 */
bool statement_story_is_tail(const struct trace *trace, uint32_t step);

#endif
