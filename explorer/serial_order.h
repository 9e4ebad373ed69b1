/*
 * Serial orders that could explain an execution: the topological order of its conflict graph, with every arrangement
 * of the units on its cycles; or simply every arrangement. Coupled units stay together.
 */
#ifndef RACE_EXPLORER_SERIAL_ORDER_H
#define RACE_EXPLORER_SERIAL_ORDER_H

#include "coupling.h"
#include "db/history.h"
#include "shared/plan.h"
#include "unit.h"

enum { SERIAL_ORDER_MOST = 5 }; /* units, or groups of coupled ones, that are permuted */

struct serial_order {
	uint32_t n;
	uint64_t units[LIMIT_UNITS]; /* identities */
};

struct serial_order_list {
	uint32_t n;
	struct serial_order *items;
	uint32_t ngroups;   /* independent units */
	bool complete;      /* false: too many to permute, only one is listed */
	bool cyclic;        /* the conflict graph has a cycle */
};

struct serial_order_question {
	const struct unit_list *units;
	const bool *excluded;       /* [units->n], may be NULL */
	const struct coupling *coupling;
	struct history *history;    /* NULL: every arrangement; coupled units' edges are added to it */
};

/* Lists the orders of the units that touch something. -1 when memory is short. */
int serial_order_list(const struct serial_order_question *question, struct serial_order_list *out);

/* The units that touch something as created, or the other way round. */
void serial_order_created(const struct unit_list *units, const struct coupling *coupling, bool reverse,
	struct serial_order *out);

void serial_order_fini(struct serial_order_list *list);

#endif
