#include <stdio.h>
#include <sys/wait.h>

#include "detector.h"

/* The step of the process that ended with it: the last one, mostly. */
static int place_exit(const struct trace *trace, struct finding *finding)
{
	for (uint32_t i = trace->nsteps; i-- > 0;) {
		const struct trace_announce *announce = trace_step_announce(trace, i);
		if (announce->request.op == OP_PROCESS_EXIT && announce->task == 1)
			return finding_add_place(finding, trace, trace->steps[i].announce, i, "%s exits",
				trace_task_name(trace, announce->task));
	}
	return 0;
}

static int judge(const struct trace *trace, struct finding_list *out)
{
	int status = trace->result.status;
	char subject[32];
	if (trace->result.outcome != OUTCOME_EXITED || !WIFEXITED(status) || WEXITSTATUS(status) == 0)
		return 0;
	struct finding *finding = finding_new("exit");
	snprintf(subject, sizeof(subject), "status %d", WEXITSTATUS(status));
	if (!finding || finding_set_subject(finding, subject) ||
		finding_set_message(finding, "exit: the program ended with exit status %d", WEXITSTATUS(status)) ||
		place_exit(trace, finding)) {
		finding_close(finding);
		return -1;
	}
	return finding_list_add(out, finding);
}

const struct detector detector_exit = {
	.name = "exit",
	.help = "the program ended with an exit status other than 0",
	.judge = judge,
};
