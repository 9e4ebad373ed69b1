#include "work.h"

#include <stdlib.h>

static uint32_t task_of(const struct trace *trace, uint32_t index)
{
	return trace->works[index].task <= trace->ntasks ? trace->works[index].task : 0;
}

int work_init(struct work *work, const struct trace *trace)
{
	*work = (struct work){.trace = trace};
	work->first = calloc(trace->ntasks + 2UL, sizeof *work->first);
	work->entries = calloc(trace->nworks + 1UL, sizeof *work->entries);
	uint32_t *used = calloc(trace->ntasks + 1UL, sizeof *used);
	if (!work->first || !work->entries || !used) {
		free(used);
		work_fini(work);
		return -1;
	}
	for (uint32_t i = 0; i < trace->nworks; i++)
		work->first[task_of(trace, i) + 1]++;
	for (uint32_t i = 1; i <= trace->ntasks + 1; i++)
		work->first[i] += work->first[i - 1];
	for (uint32_t i = 0; i < trace->nworks; i++) {
		uint32_t task = task_of(trace, i);
		work->entries[work->first[task] + used[task]++] = i;
	}
	free(used);
	return 0;
}

uint32_t work_of(const struct work *work, uint32_t task, uint32_t step)
{
	const struct trace *trace = work->trace;

	if (task > trace->ntasks)
		return 0;
	uint32_t low = work->first[task], high = work->first[task + 1];
	while (low < high) {
		uint32_t middle = low + (high - low) / 2;
		if (trace->works[work->entries[middle]].at_step <= step)
			low = middle + 1;
		else
			high = middle;
	}
	return low > work->first[task] ? trace->works[work->entries[low - 1]].request : 0;
}

void work_fini(struct work *work)
{
	free(work->first);
	free(work->entries);
	*work = (struct work){0};
}
