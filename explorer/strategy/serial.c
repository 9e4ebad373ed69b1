/*
 * The units one after another, without preemption: in creation order, then in its reverse, then in the other orders
 * (all of them up to MOST_PERMUTED units, lexicographically; of more, rotations). The first execution says which
 * units there are.
 */
#include <stdlib.h>
#include <string.h>

#include "../unit.h"
#include "strategy.h"

enum { MOST_PERMUTED = 5 };

struct serial {
	uint64_t seed;
	uint32_t nunits;
	uint64_t units[LIMIT_UNITS]; /* identities in creation order */
	uint8_t order[LIMIT_UNITS];  /* the next permutation to hand out */
	uint64_t nplans, nlearned;
	bool known, truncated, unclean, done;
};

static void *serial_open(const struct strategy_options *options)
{
	struct serial *serial = calloc(1, sizeof(*serial));
	if (serial)
		serial->seed = options->seed;
	return serial;
}

/* The lexicographic successor of the order; false after the last. */
static bool permutation_next(uint8_t *order, uint32_t n)
{
	uint32_t pivot = n - 1, other = n - 1;
	while (pivot > 0 && order[pivot - 1] >= order[pivot])
		pivot--;
	if (pivot == 0)
		return false;
	while (order[other] <= order[pivot - 1])
		other--;
	for (uint32_t left = pivot - 1, right = other, first = 1; left < right; first = 0) {
		uint8_t swapped = order[left];
		order[left] = order[right];
		order[right] = swapped;
		left = first ? pivot : left + 1;
		right = first ? n - 1 : right - 1;
	}
	return true;
}

static void rotate(uint8_t *order, uint32_t n)
{
	uint8_t first = order[0];
	memmove(order, order + 1, (n - 1) * sizeof(*order));
	order[n - 1] = first;
}

static bool is_reverse(const uint8_t *order, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++)
		if (order[i] != n - 1 - i)
			return false;
	return true;
}

static bool is_creation_order(const uint8_t *order, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++)
		if (order[i] != i)
			return false;
	return true;
}

/* Sets serial->order to the next one after creation order and reverse, which were handed out first. */
static bool order_advance(struct serial *serial)
{
	uint32_t n = serial->nunits;
	if (n <= MOST_PERMUTED) {
		do {
			if (!permutation_next(serial->order, n))
				return false;
		} while (is_reverse(serial->order, n));
		return true;
	}
	rotate(serial->order, n);
	return !is_creation_order(serial->order, n);
}

static void plan_order(const struct serial *serial, struct plan *plan, bool reverse)
{
	plan->norder = serial->nunits;
	for (uint32_t i = 0; i < serial->nunits; i++)
		plan->order[i] = serial->units[reverse ? serial->nunits - 1 - i : serial->order[i]];
}

static enum strategy_next serial_next(void *state, struct plan_draft *draft)
{
	struct serial *serial = state;
	if (serial->nplans == 1 && !serial->known)
		return STRATEGY_WAIT;
	if (serial->nplans == 1 && serial->nunits < 2)
		serial->done = true;
	if (serial->nplans > 1 && !serial->done)
		serial->done = !order_advance(serial);
	if (serial->done)
		return STRATEGY_DONE;
	draft->plan.seed = serial->seed;
	draft->plan.chooser = CHOOSER_SERIAL;
	draft->plan.max_steps = LIMIT_STEPS;
	if (serial->nplans > 0)
		plan_order(serial, &draft->plan, serial->nplans == 1);
	serial->nplans++;
	return STRATEGY_READY;
}

static void units_learn(struct serial *serial, const struct trace *trace)
{
	struct unit_list *list = unit_list_open(trace);
	serial->known = true;
	serial->unclean |= !list;
	for (uint32_t i = 0; list && i < list->n; i++) {
		if (serial->nunits == LIMIT_UNITS) {
			serial->truncated = true;
			break;
		}
		serial->order[serial->nunits] = (uint8_t)serial->nunits;
		serial->units[serial->nunits++] = list->items[i].identity;
	}
	unit_list_close(list);
}

static void serial_learn(void *state, uint64_t number, const struct trace *trace, bool found)
{
	struct serial *serial = state;
	(void)number;
	(void)found;
	serial->nlearned++;
	serial->unclean |= trace->result.outcome != OUTCOME_EXITED || trace->result.uncontrolled != 0;
	if (!serial->known)
		units_learn(serial, trace);
}

static void serial_exhaustion(const void *state, struct exhaustion *out)
{
	const struct serial *serial = state;
	bool all = serial->done && serial->nlearned == serial->nplans && serial->nunits <= MOST_PERMUTED;
	*out = (struct exhaustion){
		.exhausted = all && !serial->unclean && !serial->truncated,
		.what = "serial orders",
		.bound = BOUND_NONE,
		.fraction_left = all ? 0 : -1,
	};
}

const struct strategy strategy_serial = {
	.name = "serial",
	.help = "the units one after another, in all orders of up to five",
	.open = serial_open,
	.next = serial_next,
	.learn = serial_learn,
	.exhaustion = serial_exhaustion,
	.close = free,
};
