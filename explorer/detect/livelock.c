#include <stdio.h>
#include <stdlib.h>

#include "detector.h"

enum {
	WINDOW_STEPS = 256,
	SHOWN_TASKS = 4,
	MOST_PERIOD = 512,  /* steps of a round */
	ROUNDS = 100,       /* that must have been the same at the end */
};

/* The last operation of each task in the final stretch of the execution: those are the ones that kept spinning. */
static uint32_t spinning(const struct trace *trace, uint32_t *steps)
{
	uint32_t n = 0;
	uint32_t stop = trace->nsteps > WINDOW_STEPS ? trace->nsteps - WINDOW_STEPS : 0;
	for (uint32_t i = trace->nsteps; i-- > stop && n < SHOWN_TASKS;) {
		bool known = false;
		for (uint32_t k = 0; k < n; k++)
			known |= trace->steps[steps[k]].task == trace->steps[i].task;
		if (!known)
			steps[n++] = i;
	}
	return n;
}

static int describe(const struct trace *trace, struct finding *finding)
{
	uint32_t steps[SHOWN_TASKS];
	uint32_t n = spinning(trace, steps);
	char *names = NULL;
	size_t nbytes = 0;
	FILE *out = open_memstream(&names, &nbytes);
	if (!out)
		return -1;
	for (uint32_t i = n; i-- > 0;)
		fprintf(out, "%s%s", trace_task_name(trace, trace->steps[steps[i]].task), i == 0 ? "" : i == 1 ? " and " : ", ");
	int status = fclose(out);
	if (!status)
		status = finding_set_message(finding, "livelock: %s went on for %u steps without progress", n ? names : "main",
			trace->nsteps);
	free(names);
	for (uint32_t i = n; i-- > 0 && !status;)
		status = finding_add_place(finding, trace, trace->steps[steps[i]].announce, steps[i], "%s repeats %s",
			trace_task_name(trace, trace->steps[steps[i]].task),
			op_info(trace_step_announce(trace, steps[i])->request.op)->text);
	return status ? -1 : finding_set_subject(finding, "livelock");
}

static bool is_same_step(const struct trace *trace, uint32_t left, uint32_t right)
{
	const struct trace_step *a = &trace->steps[left], *b = &trace->steps[right];
	const struct request *x = &trace->announces[a->announce].request, *y = &trace->announces[b->announce].request;
	return a->task == b->task && a->result == b->result && x->op == y->op && x->object == y->object &&
		x->site == y->site;
}

/* The shortest round that the end of the trace repeats; 0: none. */
static uint32_t period_of(const struct trace *trace)
{
	for (uint32_t period = 1; period <= MOST_PERIOD && period * (ROUNDS + 1) <= trace->nsteps; period++) {
		uint32_t n = 0;
		while (n < period * ROUNDS && is_same_step(trace, trace->nsteps - 1 - n, trace->nsteps - 1 - n - period))
			n++;
		if (n == period * ROUNDS)
			return period;
	}
	return 0;
}

/* Somebody yields in the round, and everybody who could go takes part: nobody was merely kept from going on. */
static bool is_fair(const struct trace *trace, uint32_t period)
{
	struct task_set taking_part = {0};
	bool yields = false;
	for (uint32_t i = trace->nsteps - period; i < trace->nsteps; i++) {
		task_set_add(&taking_part, trace->steps[i].task);
		yields |= (op_info(trace_step_announce(trace, i)->request.op)->flags & ACT_YIELD) != 0;
	}
	for (uint32_t i = trace->nsteps - period; i < trace->nsteps; i++)
		for (uint32_t word = 0; trace->steps[i].enabled && word < TASK_WORDS; word++)
			if (trace->steps[i].enabled->words[word] & ~taking_part.words[word])
				return false;
	return yields;
}

/* The runtime notices yields without anything in between; rounds with locks in them are cut off, and end like this. */
static bool goes_round(const struct trace *trace)
{
	if (trace->result.outcome != OUTCOME_LIMIT || trace->result.limit != LIMIT_ID_STEPS)
		return false;
	uint32_t period = period_of(trace);
	return period && is_fair(trace, period);
}

static int judge(const struct trace *trace, struct finding_list *out)
{
	if (trace->result.outcome != OUTCOME_LIVELOCK && !goes_round(trace))
		return 0;
	struct finding *finding = finding_new("livelock");
	if (!finding || describe(trace, finding)) {
		finding_close(finding);
		return -1;
	}
	return finding_list_add(out, finding);
}

const struct detector detector_livelock = {
	.name = "livelock",
	.help = "tasks kept yielding to each other without progress",
	.judge = judge,
};
