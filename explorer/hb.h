/*
 * Happens-before over the steps of a trace, by vector clocks (Mattern 1989; Fidge 1988).
 *
 * Steps of one task are ordered; a task's first step comes after what its creator did before; an operation that
 * acquires an object comes after all earlier ones that released it (op.h). What failed to acquire orders nothing.
 * Guarded operations count where they order others, but have no step of their own.
 */
#ifndef RACE_EXPLORER_HB_H
#define RACE_EXPLORER_HB_H

#include "trace_read.h"

enum hb_mode {
	HB_TASKS, /* creation, end, join and wait alone: an order that no schedule can change */
	/*
	 * What one task tells another: also conditions, semaphores, barriers, things done once, channels, and mutexes that
	 * go with a condition, since who comes late finds told in memory what others are woken for. Mutual exclusion orders
	 * nothing: it could have been the other way round.
	 */
	HB_SIGNALS,
	HB_SYNC,  /* synchronisation objects too */
	HB_ALL,   /* databases too */
};

struct hb;

/* Looks at the first `nsteps` steps only; borrows the trace. NULL when memory is short, or more than 256 MB needed. */
struct hb *hb_open(const struct trace *trace, enum hb_mode mode, uint32_t nsteps);

/* Does step `left` happen before step `right`? Both below the nsteps given, and of the trace. */
bool hb_before(const struct hb *hb, uint32_t left, uint32_t right);

/* Neither before the other. */
bool hb_is_concurrent(const struct hb *hb, uint32_t left, uint32_t right);

/* NULL does nothing. */
void hb_close(struct hb *hb);

#endif
