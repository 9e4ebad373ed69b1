/*
 * The end of an execution: what is told to the explorer. Filled in by whoever sees the main process off: the fork
 * server, or race itself.
 */
#ifndef RACE_SHARED_RESULT_H
#define RACE_SHARED_RESULT_H

#include "control.h"

/*
 * Fills in the running slot's result from the world and the main process's wait status, and marks the slot DONE.
 * The caller rings control->results_written.
 */
void result_fill(struct control *control, int status);

#endif
