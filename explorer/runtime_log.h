/*
 * What the runtime logged for its maintainers, in the control block. Empty at the start of each execution.
 */
#ifndef RACE_EXPLORER_RUNTIME_LOG_H
#define RACE_EXPLORER_RUNTIME_LOG_H

#include <stdio.h>

#include "shared/control.h"

/* To be called while no execution runs. */
void runtime_log_clear(struct control *control);

/* One line each, under a heading with the number of the plan; nothing when nothing was logged. */
void runtime_log_print(const struct control *control, uint64_t plan, FILE *out);

#endif
