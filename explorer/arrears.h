/*
 * Arrears: lines of an observed schedule that their tasks could not meet when they came, since they had to wait for
 * something that observing does not see. A task makes up for them before it follows its next line, or when another task
 * waits for what it would have done by then.
 */
#ifndef RACE_EXPLORER_ARREARS_H
#define RACE_EXPLORER_ARREARS_H

#include "shared/control.h"

struct arrear {
	uint32_t line;  /* its index + 1; 0: the task owes nothing */
	uint32_t nops, nmatched; /* as the follower has them */
};

struct arrears {
	struct arrear tasks[LIMIT_TASKS];
};

/* Does observing tell when such a wait ended? Then it must be over when its line comes. */
bool arrears_is_placed(const struct request *request);

/* A task other than this one that owes something and can go on, by time-out if need be; 0: none. */
uint32_t arrears_find(const struct arrears *arrears, uint32_t task, const struct ask *ask);

/* Does nobody but this task owe anything? */
bool arrears_are_none(const struct arrears *arrears, uint32_t task);

#endif
