/*
 * An observed run as a trace, so that whatever looks at traces can look at it: detectors, schedules, reports.
 *
 * Steps are in the order of their stamps, and each is what the task did next, as if it had been given the turn for it. Objects are told apart by process, address and mark.
 */
#ifndef RACE_EXPLORER_RING_TRACE_H
#define RACE_EXPLORER_RING_TRACE_H

#include "trace_read.h"

/*
 * `block` is ring_block_bytes() long and may be written to: modules of forked processes are not its concern. `status` is
 * as wait() gives it; -1: not known, or the run was ended by a signal. NULL and a sentence when it can't be read.
 * *cut:
 * older operations have been lost.
 */
struct trace *ring_trace_read(void *block, int status, bool *cut, const char **reason);

#endif
