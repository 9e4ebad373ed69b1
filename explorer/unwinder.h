/*
 * Whether the target has an unwinder. It and what it needs are half of what a small program has mapped, which each fork
 * would pay for: only targets that are to tell stacks open it, when they start. Those that work on database servers,
 * whose executions take far longer than a fork, always do: so that all of their executions have the same memory. So do replays: the execution that a schedule comes from
 * told stacks.
 */
#ifndef RACE_EXPLORER_UNWINDER_H
#define RACE_EXPLORER_UNWINDER_H

#include <stdbool.h>

#include "shared/control.h"

/* Sees to it that targets started from now on can do what `plan` asks for. True: the one that runs can't. */
bool unwinder_wanted(struct control *control, const struct plan *plan);

#endif
