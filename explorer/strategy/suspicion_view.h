/*
 * What all who look for suspicions in a trace need: its beginning with positions, births, units and the order that no
 * schedule can change. For suspicion*.c alone.
 */
#ifndef RACE_EXPLORER_SUSPICION_VIEW_H
#define RACE_EXPLORER_SUSPICION_VIEW_H

#include "../hb.h"
#include "../unit.h"
#include "suspicion.h"

struct suspicion_view {
	const struct trace *trace;
	uint32_t nsteps;
	uint32_t *nchoices;      /* [nsteps + 1]: choices made before each step */
	struct hb *hb;           /* HB_TASKS */
	struct unit_list *units;
	int (*found)(void *state, const struct suspicion *suspicion);
	void *state;
};

/* -1: memory is short; suspicion_view_fini in any case. */
int suspicion_view_init(struct suspicion_view *view, const struct trace *trace);
void suspicion_view_fini(struct suspicion_view *view);

/* The request a step performed. */
const struct request *suspicion_request(const struct suspicion_view *view, uint32_t step);

/* What, where and with which statement a step is, for signatures. */
uint64_t suspicion_place(const struct suspicion_view *view, uint32_t step);

/* A signature of two steps of one task, and of who that is. */
uint64_t suspicion_pair(const struct suspicion_view *view, enum suspicion_rank rank, uint32_t first, uint32_t last);

/* The task of this step goes on until it has made it. A task goes on until it ends or is blocked. */
struct directive suspicion_run_past(const struct suspicion_view *view, uint32_t step);
struct directive suspicion_run_out(uint32_t task);

/*
 * `first` and `last` are steps of one task, `between` a step of another, or of the same for another unit. Reports that
 * `between` should be tried after the task is about to do `last`, unless that is impossible or what happened anyway.
 */
int suspicion_break(const struct suspicion_view *view, enum suspicion_rank rank, uint32_t first, uint32_t last,
	uint32_t between);

/* The same where one task has made all three: for `suspicion`, by whoever else could have taken that unit. */
int suspicion_relay(const struct suspicion_view *view, struct suspicion *suspicion, uint32_t last, uint32_t between);

/*
 * The turns after `last` that lead to `between`, where that serves a request which has not come by then. False: nothing
 * is known of such a request, or the task that is about to do `last` has a part in it.
 */
bool suspicion_serve(const struct suspicion_view *view, struct suspicion *suspicion, uint32_t last, uint32_t between);

/* Reports that the later step should be tried before the earlier one, from before step `cut` on. */
int suspicion_reverse(const struct suspicion_view *view, enum suspicion_rank rank, uint32_t cut, uint32_t earlier,
	uint32_t later);

/*
 * Steps of different tasks that each take a lock which the next one's task holds then, the last the first's. Reports
 * that all should be about to make them; the earliest comes first in `steps`. n is at most SUSPICION_RUNS.
 */
int suspicion_cycle(const struct suspicion_view *view, const uint32_t *steps, uint32_t n);

/* The finders. -1: memory is short, or `found` said so. */
int suspicion_faults(const struct suspicion_view *view);
int suspicion_database(const struct suspicion_view *view);
int suspicion_locks(const struct suspicion_view *view);
int suspicion_orders(const struct suspicion_view *view);

#endif
