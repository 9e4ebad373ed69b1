#include "detector.h"
#include "failure.h"

static int judge(const struct trace *trace, struct finding_list *out)
{
	return failure_report(trace, FAIL_MISUSE, "misuse", "misuse", out);
}

const struct detector detector_misuse = {
	.name = "misuse",
	.help = "a use of a synchronisation object that its manual leaves undefined",
	.judge = judge,
};
