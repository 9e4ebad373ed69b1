#include "detector.h"

static int describe(const struct trace *trace, struct finding *finding)
{
	if (finding_set_subject(finding, "hang"))
		return -1;
	if (trace->nsteps == 0)
		return finding_set_message(finding, "hang: the program did not reach its first scheduling point");
	uint32_t last = trace->nsteps - 1;
	const struct trace_announce *announce = trace_step_announce(trace, last);
	const char *task = trace_task_name(trace, announce->task), *op = op_info(announce->request.op)->text;
	if (finding_set_message(finding, "hang: %s neither reached another scheduling point nor ended after %s", task, op))
		return -1;
	return finding_add_place(finding, trace, trace->steps[last].announce, last, "%s's last operation: %s", task, op);
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
