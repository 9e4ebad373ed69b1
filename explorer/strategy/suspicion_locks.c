#include "suspicion_view.h"

#include <errno.h>
#include <stdlib.h>

#include "../holding.h"
#include "signatures.h"

/* Bounds the work on traces with thousands of lock operations. */
enum { MOST_EDGES = 2000, MOST_PAIRS = 1000000, MOST_TASKS = 5 };

/* `inner` was taken while `outer` was held. */
struct edge {
	uint32_t outer, inner, step;
	uint16_t task;
};

struct edges {
	struct edge items[MOST_EDGES];
	uint32_t n, nsteps;
};

static void edge_note(void *state, const struct holdings *holdings, const struct holding *taken)
{
	struct edges *edges = state;
	if (taken->announce == HOLDING_GUARDED || taken->step >= edges->nsteps)
		return;
	for (uint32_t i = 0; i < holdings->n && edges->n < MOST_EDGES; i++)
		if (holdings->items[i].task == taken->task)
			edges->items[edges->n++] = (struct edge){.outer = holdings->items[i].object,
				.inner = taken->object, .step = taken->step, .task = taken->task};
}

/* A cycle that is being put together. */
struct cycle {
	const struct edge *edges[MOST_TASKS];
	uint32_t n;
};

static bool has_task(const struct cycle *cycle, uint16_t task)
{
	for (uint32_t i = 0; i < cycle->n; i++)
		if (cycle->edges[i]->task == task)
			return true;
	return false;
}

/* Lengthens the cycle by edges behind its first one until it closes. */
static int cycles_from(const struct suspicion_view *view, const struct edges *edges, uint32_t first,
	struct cycle *cycle, uint32_t *nsearched)
{
	const struct edge *last = cycle->edges[cycle->n - 1];
	uint32_t steps[MOST_TASKS];
	if (cycle->n > 1 && last->inner == cycle->edges[0]->outer) {
		for (uint32_t i = 0; i < cycle->n; i++)
			steps[i] = cycle->edges[i]->step;
		return suspicion_cycle(view, steps, cycle->n);
	}
	for (uint32_t i = first + 1; i < edges->n && cycle->n < MOST_TASKS; i++) {
		const struct edge *next = &edges->items[i];
		if (++*nsearched > MOST_PAIRS)
			return 0;
		if (next->outer != last->inner || has_task(cycle, next->task))
			continue;
		cycle->edges[cycle->n++] = next;
		if (cycles_from(view, edges, first, cycle, nsearched))
			return -1;
		cycle->n--;
	}
	return 0;
}

/* Edges are in the order of their steps, so the first of a cycle is its earliest. */
static int cycles(const struct suspicion_view *view, const struct edges *edges)
{
	uint32_t nsearched = 0;
	for (uint32_t i = 0; i < edges->n; i++) {
		struct cycle cycle = {.edges = {&edges->items[i]}, .n = 1};
		if (cycles_from(view, edges, i, &cycle, &nsearched))
			return -1;
	}
	return 0;
}

static int lock_order(const struct suspicion_view *view)
{
	struct edges *edges = calloc(1, sizeof(*edges));
	struct holdings holdings = {.acquired = edge_note, .state = edges};
	if (!edges)
		return -1;
	edges->nsteps = view->nsteps;
	int status = holdings_replay(&holdings, view->trace);
	if (!status)
		status = cycles(view, edges);
	holdings_fini(&holdings);
	free(edges);
	return status;
}

static bool takes_lock(const struct suspicion_view *view, uint32_t step)
{
	const struct request *request = suspicion_request(view, step);
	int64_t result = view->trace->steps[step].result;
	switch (op_info(request->op)->object_kind) {
	case OBJECT_MUTEX: case OBJECT_RWLOCK: case OBJECT_SPIN:
		return (op_info(request->op)->flags & ACT_ACQUIRE) && request->object &&
			(result == 0 || result == EOWNERDEAD);
	default:
		return false;
	}
}

/* Steps that take a lock, by object, then in order. */
struct chains {
	uint32_t *steps, n;
	struct signatures pairs; /* looked at: loops make the same pair of places again and again */
};

static int by_object(const void *left, const void *right, void *state)
{
	const struct suspicion_view *view = state;
	uint32_t a = *(const uint32_t *)left, b = *(const uint32_t *)right;
	uint32_t a_object = suspicion_request(view, a)->object, b_object = suspicion_request(view, b)->object;
	if (a_object != b_object)
		return a_object < b_object ? -1 : 1;
	return a < b ? -1 : a > b;
}

static int chains_fill(struct chains *chains, const struct suspicion_view *view)
{
	chains->steps = calloc(view->nsteps + 1, sizeof(*chains->steps));
	if (!chains->steps)
		return -1;
	for (uint32_t step = 0; step < view->nsteps; step++)
		if (takes_lock(view, step))
			chains->steps[chains->n++] = step;
	qsort_r(chains->steps, chains->n, sizeof(*chains->steps), by_object, (void *)view);
	return 0;
}

static uint32_t object_of(const struct suspicion_view *view, uint32_t step)
{
	return suspicion_request(view, step)->object;
}

/* Where the steps on this object begin in the chains; chains->n when there are none. */
static uint32_t chain_of(const struct suspicion_view *view, const struct chains *chains, uint32_t object)
{
	uint32_t low = 0, high = chains->n;
	while (low < high) {
		uint32_t middle = low + (high - low) / 2;
		if (object_of(view, chains->steps[middle]) < object)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static bool takes_object(const struct suspicion_view *view, const struct chains *chains, uint16_t task, uint32_t object)
{
	uint32_t i = chain_of(view, chains, object);
	for (; i < chains->n && object_of(view, chains->steps[i]) == object; i++)
		if (view->trace->steps[chains->steps[i]].task == task)
			return true;
	return false;
}

/*
 * Of each other task that takes both locks: its first critical section of the first lock after `last`, or where there
 * is none before `first`.
 */
static int foreign_sections(const struct suspicion_view *view, struct chains *chains, uint32_t first, uint32_t last)
{
	bool seen[LIMIT_TASKS] = {false};
	uint32_t object = object_of(view, first), begin = chain_of(view, chains, object);
	uint64_t pair = suspicion_pair(view, SUSPICION_RELOCK, first, last);
	if (signatures_add(&chains->pairs, pair ^ object) != 0)
		return 0;
	for (int later = 1; later >= 0; later--) {
		for (uint32_t i = begin; i < chains->n && object_of(view, chains->steps[i]) == object; i++) {
			uint32_t step = chains->steps[i];
			uint16_t task = view->trace->steps[step].task;
			if (task == view->trace->steps[first].task || seen[task] || (later ? step <= last : step >= first))
				continue;
			seen[task] = true;
			if (takes_object(view, chains, task, object_of(view, last)) &&
				suspicion_break(view, SUSPICION_RELOCK, first, last, step))
				return -1;
		}
	}
	return 0;
}

/* A lock is taken when another, or the same, has just been given back: were the two sections meant to be one? */
static int relocks(const struct suspicion_view *view, struct chains *chains)
{
	uint32_t before[LIMIT_TASKS] = {0}; /* the task's last step that took a lock: index + 1 */
	bool given[LIMIT_TASKS] = {false};  /* and gave it back since */
	for (uint32_t step = 0; step < view->nsteps; step++) {
		const struct request *request = suspicion_request(view, step);
		uint16_t task = view->trace->steps[step].task;
		if (takes_lock(view, step)) {
			if (before[task] && given[task] && foreign_sections(view, chains, before[task] - 1, step))
				return -1;
			before[task] = step + 1;
			given[task] = false;
		} else if (before[task] && (op_info(request->op)->flags & ACT_RELEASE) &&
			request->object == object_of(view, before[task] - 1)) {
			given[task] = true;
		}
	}
	return 0;
}

int suspicion_locks(const struct suspicion_view *view)
{
	struct chains chains = {0};
	int status = lock_order(view) || chains_fill(&chains, view) || relocks(view, &chains) ? -1 : 0;
	free(chains.steps);
	signatures_fini(&chains.pairs);
	return status;
}
