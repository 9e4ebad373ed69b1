/*
 * What race replay --gdb needs beside a replay: gdb, its script, a line to stop at.
 */
#ifndef RACE_TOOLS_DEBUGGING_H
#define RACE_TOOLS_DEBUGGING_H

#include "explorer/debugger.h"
#include "invocation.h"
#include "pool.h"

/* Where gdb is; NULL: not in PATH. */
const char *debugging_gdb(struct pool *pool);

/* Fills in `options`. Returns EXIT_CLEAN, or the exit code to end with after a sentence on stderr. */
int debugging_prepare(const struct invocation *invocation, const struct schedule *schedule, bool pass_output,
	struct debugger_options *options);

#endif
