/*
 * What a statement that failed was told by its database, in words.
 */
#ifndef RACE_EXPLORER_DB_FAILURE_H
#define RACE_EXPLORER_DB_FAILURE_H

#include "../trace_read.h"

/* `code` is the result of this step's statement, and no success: "SQLITE_BUSY: ...", "40P01: ..."; never NULL. */
const char *failure_text(const struct trace *trace, uint32_t step, int64_t code);

#endif
