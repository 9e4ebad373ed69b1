#include <stdio.h>
#include <stdlib.h>

#include "detector.h"

enum {
	WINDOW_STEPS = 256,
	SHOWN_TASKS = 4,
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

static int judge(const struct trace *trace, struct finding_list *out)
{
	if (trace->result.outcome != OUTCOME_LIVELOCK)
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
