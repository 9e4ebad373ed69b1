#include "suspicion_view.h"

#include <stdlib.h>
#include <string.h>

#include "shared/dependence.h"

enum { NO_STEP = 0xffffffff };

struct orders {
	uint32_t *last; /* by object: the last step on it */
	uint32_t *cuts; /* by step: itself, or the step that took the first of the locks its task held then */
	uint32_t outermost[LIMIT_TASKS];
	uint32_t nheld[LIMIT_TASKS];
};

static bool takes(const struct suspicion_view *view, uint32_t step)
{
	const struct request *request = suspicion_request(view, step);
	uint16_t kind = op_info(request->op)->object_kind;
	bool lock = kind == OBJECT_MUTEX || kind == OBJECT_RWLOCK || kind == OBJECT_SPIN;
	return request->op == OP_COND_WAKE ||
		(lock && (op_info(request->op)->flags & ACT_ACQUIRE) && view->trace->steps[step].result == 0);
}

static bool gives(const struct suspicion_view *view, uint32_t step)
{
	const struct request *request = suspicion_request(view, step);
	uint16_t kind = op_info(request->op)->object_kind;
	bool lock = kind == OBJECT_MUTEX || kind == OBJECT_RWLOCK || kind == OBJECT_SPIN;
	return request->op == OP_COND_WAIT || request->op == OP_COND_TIMEDWAIT ||
		(lock && (op_info(request->op)->flags & ACT_RELEASE));
}

static void held_note(struct orders *orders, const struct suspicion_view *view, uint32_t step)
{
	uint16_t task = view->trace->steps[step].task;
	orders->cuts[step] = orders->nheld[task] ? orders->outermost[task] : step;
	if (takes(view, step) && orders->nheld[task]++ == 0)
		orders->outermost[task] = step;
	else if (gives(view, step) && orders->nheld[task])
		orders->nheld[task]--;
}

/* Reversing means coming first to what is waited for, signalled or taken: giving back and databases say nothing. */
static bool is_interesting(const struct suspicion_view *view, uint32_t step)
{
	const struct request *request = suspicion_request(view, step);
	switch (op_info(request->op)->object_kind) {
	case OBJECT_NONE: case OBJECT_TASK: case OBJECT_PROCESS: case OBJECT_DATABASE: case OBJECT_UNIT:
	case OBJECT_EFFECT:
		return false;
	case OBJECT_MUTEX: case OBJECT_RWLOCK: case OBJECT_SPIN:
		return (op_info(request->op)->flags & ACT_ACQUIRE) != 0;
	default:
		return true;
	}
}

/* It was blocked already when the other was made, so it could not have come first. */
static bool was_waiting_for(const struct suspicion_view *view, uint32_t earlier, uint32_t later)
{
	const struct trace_step *step = &view->trace->steps[earlier];
	const struct trace_announce *announce = trace_step_announce(view->trace, later);
	if (announce->at_step > earlier)
		return false;
	return !step->enabled || !task_set_has(step->enabled, announce->task);
}

static int reverse(const struct suspicion_view *view, const struct orders *orders, uint32_t earlier, uint32_t later)
{
	if (view->trace->steps[earlier].task == view->trace->steps[later].task || was_waiting_for(view, earlier, later) ||
		!dependence_requests(suspicion_request(view, earlier), suspicion_request(view, later),
			view->trace->statements))
		return 0;
	/* whoever is to come first must not run into a lock that is held around the other one */
	return suspicion_reverse(view, SUSPICION_ORDER, orders->cuts[earlier], earlier, later);
}

static int last_note(struct orders *orders, const struct suspicion_view *view, uint32_t object, uint32_t step)
{
	uint32_t before = object ? orders->last[object] : NO_STEP;
	orders->last[object] = step;
	return before == NO_STEP ? 0 : reverse(view, orders, before, step);
}

int suspicion_orders(const struct suspicion_view *view)
{
	struct orders *orders = calloc(1, sizeof(*orders));
	if (!orders)
		return -1;
	orders->cuts = calloc(view->nsteps + 1, sizeof(*orders->cuts));
	orders->last = malloc((view->trace->nobjects + 1) * sizeof(*orders->last));
	int status = orders->cuts && orders->last ? 0 : -1;
	if (!status)
		memset(orders->last, 0xff, (view->trace->nobjects + 1) * sizeof(*orders->last));
	for (uint32_t step = 0; step < view->nsteps && !status; step++) {
		const struct request *request = suspicion_request(view, step);
		if (is_interesting(view, step))
			status = last_note(orders, view, request->object, step);
		/* waking means taking the mutex again */
		if (request->op == OP_COND_WAKE && !status)
			status = last_note(orders, view, request->second, step);
		held_note(orders, view, step);
	}
	free(orders->last);
	free(orders->cuts);
	free(orders);
	return status;
}
