#include "waiter.h"

#include <stdlib.h>

enum { NONE = 0 };

/* Who waits on one object, replayed from the start of the trace. */
struct waiting {
	const struct trace *trace;
	uint32_t object;
	uint16_t op;           /* what its waiters have announced */
	uint32_t nannounces;   /* looked at so far */
	uint32_t *since;       /* [ntasks + 1]: announcement + 1 with which a task began to wait, NONE: it doesn't */
};

static uint16_t waiting_op(uint16_t op)
{
	return op == OP_COND_SIGNAL || op == OP_COND_BROADCAST ? OP_COND_WAKE : OP_FUTEX_WAIT;
}

/* The task that began to wait first after announcement `after`. */
static uint32_t next_waiter(const struct waiting *waiting, uint32_t after)
{
	uint32_t found = 0;

	for (uint32_t task = 1; task <= waiting->trace->ntasks; task++)
		if (waiting->since[task] > after && (found == 0 || waiting->since[task] < waiting->since[found]))
			found = task;
	return found;
}

static uint32_t nth_waiter(const struct waiting *waiting, uint32_t nth)
{
	uint32_t found = next_waiter(waiting, NONE);

	for (; found != 0 && nth > 0; nth--)
		found = next_waiter(waiting, waiting->since[found]);
	return found;
}

/* Takes up the announcements made before this step. */
static void announce_until(struct waiting *waiting, uint32_t step)
{
	const struct trace *trace = waiting->trace;

	for (; waiting->nannounces < trace->nannounces; waiting->nannounces++) {
		const struct trace_announce *announce = &trace->announces[waiting->nannounces];
		if (announce->at_step > step)
			return;
		bool waits = announce->request.op == waiting->op && announce->request.object == waiting->object;
		waiting->since[announce->task] = waits ? waiting->nannounces + 1 : NONE;
	}
}

static uint32_t taken_at(const struct trace *trace, uint32_t step)
{
	for (uint32_t i = 0; i < trace->nvalue_choices; i++)
		if (trace->value_choices[i].at_step == step + 1 && trace->value_choices[i].kind == CHOICE_WAKE)
			return trace->value_choices[i].taken;
	return 0;
}

/* The wake of a task: waiters with other bits sleep on, as in model/futex.c. */
static bool wake(struct waiting *waiting, const struct request *request, uint32_t nth)
{
	uint32_t task = nth_waiter(waiting, nth);
	uint32_t bits = request->op == OP_FUTEX_WAKE ? (uint32_t)(request->argument >> 32) : 0;

	if (task == 0)
		return false;
	uint32_t wanted = (uint32_t)waiting->trace->announces[waiting->since[task] - 1].request.argument;
	if (bits != 0 && wanted != 0 && !(bits & wanted))
		return false;
	waiting->since[task] = NONE;
	return true;
}

static void wake_some(struct waiting *waiting, const struct request *request, uint32_t pick)
{
	uint32_t nwanted = request->op == OP_FUTEX_WAKE ? (uint32_t)request->argument : 1;
	uint32_t nth = 0;

	if (request->op == OP_COND_BROADCAST)
		nwanted = LIMIT_TASKS;
	uint32_t nwoken = nwanted > 0 && wake(waiting, request, pick);
	while (nwoken < nwanted && nth_waiter(waiting, nth) != 0) {
		bool woken = wake(waiting, request, nth);
		nwoken += woken;
		nth += !woken;
	}
}

/* Nobody could go, so the clock went on: waits whose time has come are over. */
static void jump(struct waiting *waiting, const struct trace_step *step)
{
	for (uint32_t task = 1; task <= waiting->trace->ntasks; task++) {
		if (waiting->since[task] == NONE)
			continue;
		const struct request *request = &waiting->trace->announces[waiting->since[task] - 1].request;
		if ((request->flags & REQUEST_TIMED) && request->deadline_ns <= step->now_ns)
			waiting->since[task] = NONE;
	}
}

/* Performs a step: its task waits no more, and perhaps those whom it wakes. */
static void perform(struct waiting *waiting, uint32_t index)
{
	const struct trace_step *step = &waiting->trace->steps[index];
	const struct request *request = &trace_step_announce(waiting->trace, index)->request;
	uint16_t op = request->op;

	waiting->since[step->task] = NONE;
	if ((step->flags & STEP_CLOCK_JUMP) && !(step->timed != NULL && task_set_has(step->timed, step->task)))
		jump(waiting, step);
	if (request->object == waiting->object &&
		(op == OP_COND_SIGNAL || op == OP_COND_BROADCAST || op == OP_FUTEX_WAKE))
		wake_some(waiting, request, taken_at(waiting->trace, index));
}

static const char *find(struct waiting *waiting, const struct trace_value_choice *choice)
{
	for (uint32_t step = 0; step + 1 < choice->at_step; step++) {
		announce_until(waiting, step);
		perform(waiting, step);
	}
	announce_until(waiting, choice->at_step - 1);
	uint32_t task = nth_waiter(waiting, choice->taken);
	return task != 0 ? waiting->trace->tasks[task].name : NULL;
}

const char *waiter_name(const struct trace *trace, const struct trace_value_choice *choice)
{
	if (choice->at_step == 0 || choice->at_step > trace->nsteps)
		return NULL;
	const struct request *request = &trace_step_announce(trace, choice->at_step - 1)->request;
	struct waiting waiting = {
		.trace = trace,
		.object = request->object,
		.op = waiting_op(request->op),
		.since = calloc(trace->ntasks + 1, sizeof *waiting.since),
	};
	if (waiting.since == NULL)
		return NULL;
	const char *name = find(&waiting, choice);
	free(waiting.since);
	return name;
}
