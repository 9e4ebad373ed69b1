/*
 * Suspicions about requests that are yet to be sent when they should be served: whoever serves one can't go on until its
 * client has sent it, which waits for the replies to those before. All who had a part in that take their turns again as
 * they did.
 */
#include "suspicion_view.h"

struct party {
	const struct suspicion_view *view;
	uint32_t last, between;
	uint16_t client;
	bool members[LIMIT_TASKS];
};

/* The client that has sent what is served at `between`; false: there is none, or no need to wait for it. */
static bool find_client(struct party *party)
{
	const struct suspicion_view *view = party->view;
	uint16_t server = view->trace->steps[party->between].task;
	uint32_t unit = unit_of(view->units, server, party->between);
	if (!view->units->requests || unit == 0)
		return false;
	party->client = view->trace->requests[unit - 1].task;
	return party->client < LIMIT_TASKS && (view->units->items[unit - 1].begin_step > party->last ||
		view->trace->tasks[server].at_step > party->last);
}

/* The client, who works for requests of it, and who creates those. */
static void find_members(struct party *party)
{
	const struct suspicion_view *view = party->view;
	const struct trace *trace = view->trace;
	party->members[party->client] = true;
	for (uint32_t step = party->last + 1; step <= party->between; step++) {
		uint16_t task = trace->steps[step].task;
		uint32_t unit = unit_of(view->units, task, step);
		if (unit && trace->requests[unit - 1].task == party->client)
			party->members[task] = true;
	}
	for (uint32_t task = trace->ntasks; task > 0; task--) /* creators come before those that they create */
		if (task < LIMIT_TASKS && party->members[task] && trace->tasks[task].at_step > party->last)
			party->members[trace->tasks[task].parent] = true;
}

/* False: they took too many turns. */
static bool add_turns(const struct party *party, struct suspicion *suspicion)
{
	const struct trace *trace = party->view->trace;
	for (uint32_t step = party->last + 1; step <= party->between; step++) {
		uint16_t task = trace->steps[step].task;
		if (!party->members[task])
			continue;
		if (suspicion->nruns == 0 || suspicion->runs[suspicion->nruns - 1].task != task) {
			if (suspicion->nruns == SUSPICION_RUNS)
				return false;
			suspicion->nruns++;
		}
		suspicion->runs[suspicion->nruns - 1] = suspicion_run_past(party->view, step);
	}
	return true;
}

bool suspicion_serve(const struct suspicion_view *view, struct suspicion *suspicion, uint32_t last, uint32_t between)
{
	struct party party = {.view = view, .last = last, .between = between};
	if (!find_client(&party))
		return false;
	find_members(&party);
	suspicion->nruns = 0;
	return !party.members[view->trace->steps[last].task] && add_turns(&party, suspicion);
}
