#include "detector.h"

/* Who was given up last: nobody else could go after that. */
static const struct trace_uncontrolled *last_lapse(const struct trace *trace)
{
	for (uint32_t i = trace->nuncontrolled; i-- > 0;)
		if (trace->uncontrolled[i].reason == UNCONTROLLED_LAPSE || trace->uncontrolled[i].reason == UNCONTROLLED_SPIN)
			return &trace->uncontrolled[i];
	return NULL;
}

static int describe(const struct trace *trace, struct finding *finding)
{
	if (finding_set_subject(finding, "hang"))
		return -1;
	if (trace->nsteps == 0)
		return finding_set_message(finding, "hang: the program did not reach its first scheduling point");
	uint32_t last = trace->nsteps - 1;
	const struct trace_announce *announce = trace_step_announce(trace, last);
	const char *task = trace_task_name(trace, announce->task), *op = op_info(announce->request.op)->text;
	const struct trace_uncontrolled *lapse = last_lapse(trace);
	if (trace->result.hang == HANG_PROCESSOR || !lapse) {
		if (finding_set_message(finding, "hang: the execution %s; %s's last operation was %s",
				hang_text(trace->result.hang), task, op))
			return -1;
		return finding_add_place(finding, trace, trace->steps[last].announce, last, "%s's last operation: %s",
			task, op);
	}
	task = trace_task_name(trace, lapse->task);
	struct finding_site site = {.task = lapse->task, .step = last, .address = lapse->site};
	if (finding_set_message(finding, "hang: %s %s", task, hang_text(trace->result.hang)))
		return -1;
	return finding_add_site(finding, trace, &site, "%s is here", task);
}

static int judge(const struct trace *trace, struct finding_list *out)
{
	if (trace->result.outcome != OUTCOME_HANG)
		return 0;
	struct finding *finding = finding_new("hang");
	if (!finding || describe(trace, finding)) {
		finding_close(finding);
		return -1;
	}
	return finding_list_add(out, finding);
}

const struct detector detector_hang = {
	.name = "hang",
	.help = "a task neither reached a scheduling point nor ended in the time allowed",
	.judge = judge,
};
