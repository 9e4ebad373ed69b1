/*
 * The agenda: which serial executions the oracle wants, in the order in which they are asked for and answered.
 */
#ifndef RACE_EXPLORER_AGENDA_H
#define RACE_EXPLORER_AGENDA_H

#include <stdbool.h>
#include <stdint.h>

#include "shared/plan.h"

struct agenda_item {
	uint32_t norder;             /* 0: creation order, whatever the units are */
	uint64_t order[LIMIT_UNITS]; /* identities */
	bool other;                  /* with the other clock and seed */
	bool moved;                  /* also with tables that it makes itself read in another order: PLAN_REORDER_NEW */
	bool marked;                 /* PLAN_MARK: the databases when order[mark] begins to touch something */
	uint32_t mark;
};

struct agenda {
	uint32_t nitems, nasked, nanswered;
	struct agenda_item *items;
};

/* Puts an item on the agenda unless it is there. Returns its index, -1 when memory is short. */
int64_t agenda_want(struct agenda *agenda, const struct agenda_item *item);

/* The next item that was not asked for, which it is now; NULL: none. */
const struct agenda_item *agenda_next(struct agenda *agenda);

/* The next item that was asked for and not answered, which it is now; NULL: none. */
const struct agenda_item *agenda_answer(struct agenda *agenda);

void agenda_fini(struct agenda *agenda);

#endif
