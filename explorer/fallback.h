/*
 * What is used instead of what was asked for: threads where fibers can't carry a program, a fork where an execution can't
 * be undone. Both give the same traces, so only the execution that found it out is run again, if any.
 */
#ifndef RACE_EXPLORER_FALLBACK_H
#define RACE_EXPLORER_FALLBACK_H

#include <stdbool.h>
#include <stddef.h>

#include "shared/control.h"

/* The last execution was given up because of its carrier: true once, with the other one set. */
bool fallback_take(struct control *control);

/* Why it is used, or was in some executions. False: it never was. */
bool fallback_explain(const struct control *control, char *reason, size_t nbytes);

#endif
