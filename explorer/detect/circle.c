#include "circle.h"

#include <errno.h>
#include <stdio.h>

#include "../object_label.h"

static bool is_refused(const struct trace *trace, uint32_t step)
{
	return trace_step_announce(trace, step)->request.op == OP_FILE_LOCK && trace->steps[step].done &&
		trace->steps[step].result == EDEADLK;
}

/* The last one; nsteps: there is none. */
static uint32_t find_refusal(const struct trace *trace)
{
	for (uint32_t step = trace->nsteps; step-- > 0;)
		if (is_refused(trace, step))
			return step;
	return trace->nsteps;
}

/* Had this announcement been made before the step, and not been performed then? */
static bool is_open(const struct trace *trace, uint32_t announce, uint32_t step)
{
	if (trace->announces[announce].at_step > step)
		return false;
	for (uint32_t i = 0; i < step; i++)
		if (trace->steps[i].announce == announce)
			return false;
	return true;
}

/* The announcement by which a task of another process waits for a record then; nannounces: it does not. */
static uint32_t find_wait(const struct trace *trace, uint16_t task, uint32_t step)
{
	uint16_t process = trace->tasks[trace->steps[step].task].process;

	for (uint32_t i = trace->nannounces; i-- > 0;)
		if (trace->announces[i].task == task && trace->announces[i].request.op == OP_FILE_LOCK &&
			trace->tasks[task].process != process && is_open(trace, i, step))
			return i;
	return trace->nannounces;
}

static int add_wait(const struct trace *trace, uint32_t announce, struct finding *finding)
{
	char label[OBJECT_LABEL_BYTES];

	object_label(trace, trace->announces[announce].request.object, label, sizeof label);
	return finding_add_place(finding, trace, announce, ~0u, "%s waits for a record of %s",
		trace_task_name(trace, trace->announces[announce].task), label);
}

static int add_refusal(const struct trace *trace, uint32_t step, const char *others, struct finding *finding)
{
	const char *task = trace_task_name(trace, trace->steps[step].task);
	char label[OBJECT_LABEL_BYTES], message[1024];

	object_label(trace, trace_step_announce(trace, step)->request.object, label, sizeof label);
	snprintf(message, sizeof message, "%s", finding->message);
	if (finding_set_message(finding, "%s; the kernel had refused %s a record of %s (EDEADLK): %s", message, task, label,
			others))
		return -1;
	return finding_add_place(finding, trace, trace->steps[step].announce, step, "%s is refused a record of %s", task,
		label);
}

int circle_tell(const struct trace *trace, struct finding *finding)
{
	uint32_t step = find_refusal(trace), nothers = 0;
	char others[512] = "";
	size_t length = 0;

	if (step == trace->nsteps)
		return 0;
	const char *refused = trace_task_name(trace, trace->steps[step].task);
	for (uint16_t task = 1; task <= trace->ntasks; task++) {
		uint32_t wait = find_wait(trace, task, step);
		if (wait == trace->nannounces)
			continue;
		if (add_wait(trace, wait, finding))
			return -1;
		if (length < sizeof others)
			length += (size_t)snprintf(others + length, sizeof others - length, "%s%s", nothers ? " and " : "",
				trace_task_name(trace, task));
		nothers++;
	}
	if (length < sizeof others)
		snprintf(others + length, sizeof others - length, nothers > 1 ? " wait for %s in a circle" :
			nothers ? ", which holds it, waits for %s" : "its holder waits for %s", refused);
	return add_refusal(trace, step, others, finding);
}
