/*
 * Suspicions about workers that take what comes: one of them has served both requests, one after the other, because
 * nobody interrupted it. A colleague that waits where it waited may take the second while the first is under way.
 */
#include "suspicion_view.h"

struct relay {
	const struct suspicion_view *view;
	uint32_t last, between; /* steps of the one who served both */
	uint32_t taken;         /* its first step for the second request */
	uint16_t task;          /* who that is */
};

static bool find_taken(struct relay *relay)
{
	const struct suspicion_view *view = relay->view;
	uint32_t unit = unit_of(view->units, relay->task, relay->between);
	if (!view->units->requests || unit == 0 || relay->between <= relay->last)
		return false;
	relay->taken = relay->between;
	for (uint32_t step = relay->between; step > relay->last; step--) {
		if (view->trace->steps[step].task != relay->task)
			continue;
		if (unit_of(view->units, relay->task, step) != unit)
			break;
		relay->taken = step;
	}
	return true;
}

/* Has the one who served both done this, at this place, on the way to the second? */
static bool is_on_the_way(const struct relay *relay, const struct trace_announce *announce)
{
	for (uint32_t step = relay->last; step < relay->taken; step++) {
		const struct trace_announce *done = trace_step_announce(relay->view->trace, step);
		if (done->task == relay->task && done->request.op == announce->request.op &&
			done->request.site == announce->request.site)
			return true;
	}
	return false;
}

/* Who waits where the second request was waited for when `last` was about to be made; 0: nobody. */
static uint16_t find_colleague(const struct relay *relay)
{
	const struct trace *trace = relay->view->trace;
	const struct trace_announce *pending[LIMIT_TASKS] = {0};
	for (uint32_t i = 0; i < trace->nannounces && trace->announces[i].at_step <= relay->last; i++)
		if (trace->announces[i].task < LIMIT_TASKS)
			pending[trace->announces[i].task] = &trace->announces[i];
	for (uint32_t task = 1; task <= trace->ntasks && task < LIMIT_TASKS; task++)
		if (task != relay->task && pending[task] && is_on_the_way(relay, pending[task]))
			return (uint16_t)task;
	return 0;
}

/* Whoever sends the second request does so first, once it is there. False: it can't. */
static bool add_sender(const struct relay *relay, struct suspicion *suspicion)
{
	const struct suspicion_view *view = relay->view;
	uint32_t index = unit_of(view->units, relay->task, relay->between) - 1;
	uint16_t sender = view->trace->requests[index].task;
	uint32_t birth = view->trace->tasks[sender].at_step;
	if (view->units->items[index].begin_step <= relay->last)
		return true;
	if (sender == relay->task || birth > view->nsteps)
		return false;
	if (birth > relay->last) {
		if (view->trace->steps[birth - 1].task == relay->task)
			return false;
		suspicion->runs[suspicion->nruns++] = suspicion_run_past(view, birth - 1);
	}
	suspicion->runs[suspicion->nruns++] = suspicion_run_out(sender);
	return true;
}

int suspicion_relay(const struct suspicion_view *view, struct suspicion *suspicion, uint32_t last, uint32_t between)
{
	struct relay relay = {.view = view, .last = last, .between = between, .task = view->trace->steps[last].task};
	if (!find_taken(&relay))
		return 0;
	uint16_t colleague = find_colleague(&relay);
	if (!colleague || !add_sender(&relay, suspicion))
		return 0;
	suspicion->nchoices = view->nchoices[last];
	suspicion->runs[suspicion->nruns++] = suspicion_run_out(colleague);
	return view->found(view->state, suspicion);
}
