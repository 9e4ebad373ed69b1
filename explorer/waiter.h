/*
 * Waiters: whom the wake of a trace chose. A trace notes which of several waiters, in waiting order; a schedule names
 * the task.
 */
#ifndef RACE_EXPLORER_WAITER_H
#define RACE_EXPLORER_WAITER_H

#include "trace_read.h"

/* The name of the task that this choice of kind CHOICE_WAKE chose, NULL when the trace doesn't tell. */
const char *waiter_name(const struct trace *trace, const struct trace_value_choice *choice);

#endif
