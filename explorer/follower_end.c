#include <string.h>

#include "action.h"
#include "follower_private.h"

static uint32_t find_trace_task(const struct trace *trace, const char *name)
{
	for (uint32_t id = trace->ntasks; id > 0; id--)
		if (strcmp(trace->tasks[id].name, name) == 0)
			return id;
	return 0;
}

/* Did the line's task announce it after the last question? */
static bool reached_in_trace(struct follower *follower, const struct trace *trace, const struct schedule_line *line)
{
	for (uint32_t i = 0; i < trace->nannounces; i++) {
		if (trace->announces[i].task != follower->task || trace->announces[i].ordinal < follower->nops)
			continue;
		struct action action = action_of_announce(trace, follower->symbols, i);
		if (!action_matches(&action, line) || ++follower->nmatched != line->nth)
			continue;
		follower->nops = trace->announces[i].ordinal + 1;
		return true;
	}
	return false;
}

static bool all_ended(const struct trace *trace)
{
	return trace->result.outcome == OUTCOME_EXITED || trace->result.outcome == OUTCOME_SIGNALED;
}

/* What a task of an observed run was in the middle of at the end, which may come sooner. */
static bool was_cut_off(const struct follower *follower, const struct trace *trace, const struct schedule_line *line)
{
	const struct schedule *schedule = follower->schedule;

	if (!schedule->observed || !all_ended(trace))
		return false;
	for (const struct schedule_line *later = line + 1; later < &schedule->lines[schedule->nlines]; later++)
		if (strcmp(later->task, line->task) == 0)
			return false;
	return true;
}

static bool met_in_trace(struct follower *follower, const struct trace *trace, const struct schedule_line *line)
{
	uint32_t task = follower->task != 0 ? follower->task : find_trace_task(trace, line->task);

	if (line->kind != CHOICE_TASK || task == 0 || task > trace->ntasks)
		return false;
	if (line->ended)
		return all_ended(trace) || trace->tasks[task].exited;
	if (was_cut_off(follower, trace, line))
		return true;
	return follower->task != 0 && reached_in_trace(follower, trace, line);
}

/* Lines that the task still owes when all have had their turn. */
static void settle(struct follower *follower, const struct trace *trace, uint32_t task)
{
	const struct schedule_line *lines = follower->schedule->lines;
	const struct arrear *arrear = &follower->arrears.tasks[task];

	follower->task = task;
	follower->nops = arrear->nops;
	follower->nmatched = arrear->nmatched;
	for (uint32_t i = arrear->line - 1; i < follower->schedule->nlines; i++) {
		if (strcmp(lines[i].task, trace_task_name(trace, task)) != 0)
			continue;
		if (!met_in_trace(follower, trace, &lines[i])) {
			follower_lose(follower, &lines[i], "it was still waiting for something else when the others had gone on");
			return;
		}
		follower->nmatched = 0;
	}
}

void follower_finish(struct follower *follower, const struct trace *trace)
{
	const struct schedule_line *line;

	while ((line = follower_line(follower)) != NULL && met_in_trace(follower, trace, line))
		follower_advance(follower);
	follower->finished = true;
	for (uint32_t task = 1; line == NULL && task <= trace->ntasks && task < LIMIT_TASKS; task++)
		if (follower->arrears.tasks[task].line != 0)
			settle(follower, trace, task);
	if (line == NULL)
		return;
	if (find_trace_task(trace, line->task) == 0)
		follower_lose(follower, line, "there was no task of that name");
	else
		follower_lose(follower, line, "the execution ended first: %s", outcome_text(trace->result.outcome));
}

const char *follower_divergence(const struct follower *follower)
{
	const struct schedule_line *line = follower_line(follower);
	bool is_last = follower->cursor + 1 == follower->schedule->nlines;

	if (line != NULL && !follower->finished && !(line->ended && is_last && follower->task != 0))
		follower_lose(follower, line, "the execution ended first");
	return follower->message;
}
