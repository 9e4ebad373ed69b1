/*
 * Where librace.so is: what RACE_LIBRARY names, else beside the race binary, else ../lib/race/ and ../lib/ from it.
 */
#ifndef RACE_TOOLS_LIBRARY_H
#define RACE_TOOLS_LIBRARY_H

#include <stdbool.h>

#include "pool.h"

/* NULL: not found, and a sentence has gone to stderr. */
const char *library_find(struct pool *pool);

/* The same without a word: NULL when not found. */
const char *library_look(struct pool *pool);

/* Where gdb's commands are: beside the race binary or ../share/race/ from it. NULL: not found. */
const char *library_script(struct pool *pool);

/* Is what librace.so logs to be shown after each execution? When RACE_LOG is set to anything. */
bool library_log(void);

#endif
