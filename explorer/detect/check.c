#include "detector.h"
#include "failure.h"

static int judge(const struct trace *trace, struct finding_list *out)
{
	return failure_report(trace, FAIL_CHECK, "check", "check failed", out);
}

const struct detector detector_check = {
	.name = "check",
	.help = "a race_check() that did not hold",
	.judge = judge,
};
