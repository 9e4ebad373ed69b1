#include <signal.h>
#include <string.h>
#include <sys/wait.h>

#include "detector.h"
#include "failure.h"

/* Who had the turn when the program ended, and what it did last. */
static int place_last_step(const struct trace *trace, struct finding *finding)
{
	if (trace->nsteps == 0)
		return 0;
	uint32_t last = trace->nsteps - 1;
	const struct trace_announce *announce = trace_step_announce(trace, last);
	return finding_add_place(finding, trace, trace->steps[last].announce, last, "%s's last operation before: %s",
		trace_task_name(trace, announce->task), op_info(announce->request.op)->text);
}

static int describe(const struct trace *trace, int signo, struct finding *finding)
{
	const char *name = sigabbrev_np(signo);
	const char *task = trace->nsteps ? trace_task_name(trace, trace->steps[trace->nsteps - 1].task) : "main";
	if (finding_set_message(finding, "crash: ended by SIG%s (%s) while %s had the turn", name ? name : "?",
			strsignal(signo), task))
		return -1;
	if (finding_set_subject(finding, name ? name : "signal"))
		return -1;
	return place_last_step(trace, finding);
}

/* A death that a failure record explains is reported with it. */
static bool is_explained(const struct trace *trace)
{
	if (WTERMSIG(trace->result.status) != SIGABRT)
		return false;
	return failure_is_in(trace, FAIL_ASSERT) || failure_is_in(trace, FAIL_ABORT) ||
		failure_is_in(trace, FAIL_TERMINATE);
}

static int judge(const struct trace *trace, struct finding_list *out)
{
	if (failure_report(trace, FAIL_ABORT, "crash", "abort", out) ||
		failure_report(trace, FAIL_TERMINATE, "crash", "uncaught exception", out))
		return -1;
	if (trace->result.outcome != OUTCOME_SIGNALED || !WIFSIGNALED(trace->result.status) || is_explained(trace))
		return 0;
	struct finding *finding = finding_new("crash");
	if (!finding || describe(trace, WTERMSIG(trace->result.status), finding)) {
		finding_close(finding);
		return -1;
	}
	return finding_list_add(out, finding);
}

const struct detector detector_crash = {
	.name = "crash",
	.help = "the program was ended by a fatal signal, abort() and uncaught exceptions included",
	.judge = judge,
};
