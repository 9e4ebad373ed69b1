#include "detector.h"
#include "failure.h"

static int judge(const struct trace *trace, struct finding_list *out)
{
	return failure_report(trace, FAIL_ASSERT, "assert", "assertion failed", out);
}

const struct detector detector_assert = {
	.name = "assert",
	.help = "a failed assert() of the program",
	.judge = judge,
};
