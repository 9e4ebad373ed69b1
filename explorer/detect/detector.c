#include "detector.h"

#include <stddef.h>
#include <string.h>

#include "circle.h"

static const struct detector *const detectors[] = {
	&detector_crash,
	&detector_assert,
	&detector_exit,
	&detector_deadlock,
	&detector_hang,
	&detector_livelock,
	&detector_check,
	&detector_misuse,
	NULL,
};

const struct detector *const *detector_list(void)
{
	return detectors;
}

static uint32_t trace_cost(const struct trace *trace)
{
	uint32_t cost = 0;
	for (uint32_t i = 0; i < trace->nsteps; i++)
		cost += trace->steps[i].cost;
	return cost;
}

static bool is_failure(const struct finding *finding)
{
	return strcmp(finding->kind, "assert") == 0 || strcmp(finding->kind, "crash") == 0 ||
		strcmp(finding->kind, "exit") == 0;
}

int detector_judge(const struct trace *trace, struct finding_list *out)
{
	uint32_t first = out->n;
	bool serial = trace_cost(trace) == 0;
	for (size_t i = 0; detectors[i]; i++)
		if (detectors[i]->judge(trace, out))
			return -1;
	for (uint32_t i = first; i < out->n; i++) {
		out->items[i]->serial = serial;
		if (is_failure(out->items[i]) && circle_tell(trace, out->items[i]))
			return -1;
	}
	return 0;
}
