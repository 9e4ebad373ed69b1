#include "suspicion_view.h"

#include <errno.h>
#include <stdlib.h>

#include "../holding.h"
#include "signatures.h"

/* Bounds the work on traces with thousands of lock operations. */
enum { MOST_EDGES = 2000, MOST_PAIRS = 1000000 };

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

/* One stops before its inner lock, the other comes as far as it can. */
static int inversions(const struct suspicion_view *view, const struct edges *edges)
{
	for (uint32_t i = 0; i < edges->n; i++) {
		for (uint32_t k = i + 1; k < edges->n; k++) {
			const struct edge *left = &edges->items[i], *right = &edges->items[k];
			if (left->outer != right->inner || left->inner != right->outer || left->task == right->task)
				continue;
			if (suspicion_break(view, SUSPICION_LOCK_ORDER, left->step, left->step, right->step))
				return -1;
		}
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
		status = inversions(view, edges);
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

static bool is_one_object(const struct suspicion_view *view, uint32_t left, uint32_t right)
{
	return suspicion_request(view, left)->object == suspicion_request(view, right)->object;
}

/* Each other task's first critical section after `last`, or where there is none its first before `first`. */
static int foreign_sections(const struct suspicion_view *view, struct chains *chains, uint32_t begin,
	uint32_t first, uint32_t last)
{
	bool seen[LIMIT_TASKS] = {false};
	uint32_t object_step = chains->steps[begin];
	uint64_t pair = suspicion_pair(view, SUSPICION_RELOCK, first, last);
	if (signatures_add(&chains->pairs, pair ^ suspicion_request(view, first)->object) != 0)
		return 0;
	for (int later = 1; later >= 0; later--) {
		for (uint32_t i = begin; i < chains->n && is_one_object(view, chains->steps[i], object_step); i++) {
			uint32_t step = chains->steps[i];
			uint16_t task = view->trace->steps[step].task;
			if (task == view->trace->steps[first].task || seen[task] || (later ? step <= last : step >= first))
				continue;
			seen[task] = true;
			if (suspicion_break(view, SUSPICION_RELOCK, first, last, step))
				return -1;
		}
	}
	return 0;
}

static int relocks(const struct suspicion_view *view, struct chains *chains)
{
	uint32_t npairs = 0;
	for (uint32_t begin = 0, i = 0; i < chains->n; i++) {
		uint32_t first = chains->steps[i];
		if (!is_one_object(view, chains->steps[begin], first))
			begin = i;
		for (uint32_t k = i + 1; k < chains->n && npairs < MOST_PAIRS; k++, npairs++) {
			uint32_t last = chains->steps[k];
			if (!is_one_object(view, first, last))
				break;
			if (view->trace->steps[last].task != view->trace->steps[first].task)
				continue;
			if (foreign_sections(view, chains, begin, first, last))
				return -1;
			break;
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
