#include "waiting.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../object_label.h"

static int target_add(struct waits *waits, struct wait *wait, uint16_t task)
{
	if (waits->ntargets == waits->capacity) {
		uint32_t capacity = waits->capacity ? waits->capacity * 2 : 16;
		uint16_t *targets = realloc(waits->targets, capacity * sizeof(*targets));
		if (!targets)
			return -1;
		waits->targets = targets;
		waits->capacity = capacity;
	}
	waits->targets[waits->ntargets++] = task;
	wait->ntargets++;
	return 0;
}

/* Which waiter a signal wakes: the one chosen right after it, or the first. */
static uint32_t signal_pick(const struct trace *trace, uint32_t step)
{
	for (uint32_t i = 0; i < trace->nvalue_choices; i++)
		if (trace->value_choices[i].at_step == step + 1 && trace->value_choices[i].kind == CHOICE_WAKE)
			return trace->value_choices[i].taken;
	return 0;
}

static void waiter_remove(uint16_t *waiters, uint32_t *n, uint32_t index)
{
	if (index >= *n)
		return;
	memmove(waiters + index, waiters + index + 1, (*n - index - 1) * sizeof(*waiters));
	--*n;
}

static void waiters_after(const struct trace *trace, uint32_t step, uint16_t *waiters, uint32_t *n)
{
	uint16_t task = trace->steps[step].task;
	switch (trace_step_announce(trace, step)->request.op) {
	case OP_COND_WAIT: case OP_COND_TIMEDWAIT:
		if (*n < trace->ntasks)
			waiters[(*n)++] = task;
		break;
	case OP_COND_SIGNAL:
		waiter_remove(waiters, n, signal_pick(trace, step));
		break;
	case OP_COND_BROADCAST:
		*n = 0;
		break;
	case OP_COND_WAKE: /* by its time-out */
		for (uint32_t i = *n; i-- > 0;)
			if (waiters[i] == task)
				waiter_remove(waiters, n, i);
		break;
	default:
		break;
	}
}

/* Has a signal or broadcast reached this task, which is still in its condition wait? -1: memory is short. */
static int is_woken(const struct trace *trace, uint16_t task, uint32_t cond)
{
	uint16_t *waiters = calloc(trace->ntasks + 1, sizeof(*waiters));
	uint32_t n = 0;
	int woken = 1;
	if (!waiters)
		return -1;
	for (uint32_t step = 0; step < trace->nsteps; step++)
		if (trace_step_announce(trace, step)->request.object == cond)
			waiters_after(trace, step, waiters, &n);
	for (uint32_t i = 0; i < n; i++)
		if (waiters[i] == task)
			woken = 0;
	free(waiters);
	return woken;
}

static bool op_takes_lock(uint16_t op)
{
	switch (op_info(op)->object_kind) {
	case OBJECT_MUTEX: case OBJECT_RWLOCK: case OBJECT_SPIN: case OBJECT_ONCE: case OBJECT_SEM:
	case OBJECT_FILE_LOCK: case OBJECT_DATABASE:
		return true;
	default:
		return false;
	}
}

static int targets_holders(struct waits *waits, struct wait *wait)
{
	const struct holding *holding = NULL;
	while ((holding = holdings_next(&waits->holdings, wait->object, holding)))
		if (target_add(waits, wait, holding->task))
			return -1;
	return 0;
}

static int targets_joined(struct waits *waits, const struct trace *trace, struct wait *wait)
{
	for (uint16_t id = 1; id <= trace->ntasks; id++)
		if (trace->tasks[id].object == wait->object && wait->object)
			return target_add(waits, wait, id);
	return 0;
}

/* Waiting for a process is waiting for every live task of the children. */
static int targets_children(struct waits *waits, const struct trace *trace, struct wait *wait)
{
	uint16_t mine = trace->tasks[wait->task].process;
	for (uint16_t id = 1; id <= trace->ntasks; id++) {
		const struct trace_task *child = &trace->tasks[id];
		if (child->process != mine && child->parent && trace->tasks[child->parent].process == mine &&
			child->pending && target_add(waits, wait, id))
			return -1;
	}
	return 0;
}

static int wait_fill(struct waits *waits, const struct trace *trace, uint16_t task)
{
	struct wait *wait = &waits->items[task];
	wait->task = task;
	wait->announce = trace->tasks[task].pending - 1;
	const struct request *request = &trace->announces[wait->announce].request;
	wait->object = request->object;
	wait->is_lock = op_takes_lock(request->op);
	if (request->op == OP_COND_WAKE) {
		int woken = is_woken(trace, task, request->object);
		if (woken < 0)
			return -1;
		wait->is_lock = woken;
		wait->object = woken ? request->second : request->object;
	}
	if (wait->is_lock)
		return targets_holders(waits, wait);
	if (request->op == OP_JOIN)
		return targets_joined(waits, trace, wait);
	return request->op == OP_WAIT ? targets_children(waits, trace, wait) : 0;
}

int waits_find(struct waits *waits, const struct trace *trace)
{
	memset(waits, 0, sizeof(*waits));
	waits->items = calloc(trace->ntasks + 1, sizeof(*waits->items));
	if (!waits->items || holdings_replay(&waits->holdings, trace))
		return -1;
	for (uint16_t id = 1; id <= trace->ntasks; id++)
		if (trace->tasks[id].pending && wait_fill(waits, trace, id))
			return -1;
	uint32_t at = 0;
	for (uint16_t id = 1; id <= trace->ntasks; at += waits->items[id].ntargets, id++)
		waits->items[id].targets = waits->targets + at;
	return 0;
}

void waits_fini(struct waits *waits)
{
	holdings_fini(&waits->holdings);
	free(waits->items);
	free(waits->targets);
}

/* Follows targets from `task` back to `start` through tasks of higher number; path[] grows to the cycle. */
static uint32_t cycle_from(const struct waits *waits, uint16_t start, uint16_t task, uint16_t *path, uint32_t n,
	bool *visited)
{
	const struct wait *wait = &waits->items[task];
	path[n++] = task;
	visited[task] = true;
	for (uint32_t i = 0; i < wait->ntargets; i++) {
		uint16_t target = wait->targets[i];
		if (target == start)
			return n;
		if (target < start || visited[target] || !waits->items[target].task)
			continue;
		uint32_t found = cycle_from(waits, start, target, path, n, visited);
		if (found)
			return found;
	}
	return 0;
}

uint32_t waits_cycle(const struct waits *waits, const struct trace *trace, uint16_t *out)
{
	for (uint16_t id = 1; id <= trace->ntasks; id++) {
		bool visited[LIMIT_TASKS] = {false};
		if (!waits->items[id].task)
			continue;
		uint32_t n = cycle_from(waits, id, id, out, 0, visited);
		if (n)
			return n;
	}
	return 0;
}

static void holders_print(FILE *out, const struct waits *waits, const struct trace *trace, const struct wait *wait)
{
	bool self = false;
	for (uint32_t i = 0; i < wait->ntargets; i++)
		self |= wait->targets[i] == wait->task;
	for (uint32_t i = 0, printed = 0; i < wait->ntargets; i++) {
		uint16_t holder = wait->targets[i];
		bool ended = !waits->items[holder].task;
		if (holder == wait->task)
			continue;
		fprintf(out, "%s%s%s", printed++ ? " and " : " held by ", trace_task_name(trace, holder),
			ended ? " (which has ended)" : "");
	}
	if (self)
		fprintf(out, wait->ntargets > 1 ? " and by itself" : " held by itself");
}

/* What nobody is left to do, by operation. */
static const char *lonely_text(uint16_t op)
{
	switch (op) {
	case OP_COND_WAKE: return "waits for a signal on %s that nobody is left to send";
	case OP_SEM_WAIT: case OP_SEM_TIMEDWAIT: return "waits for %s that nobody is left to post";
	case OP_BARRIER_PASS: case OP_BARRIER_WAIT: return "waits at %s for others that never arrive";
	case OP_FUTEX_WAIT: return "waits on %s for a wake that nobody is left to send";
	case OP_PIPE_READ: return "waits for data in %s that nobody is left to write";
	case OP_PIPE_WRITE: return "waits for room in %s that nobody is left to make";
	case OP_ACCEPT: return "waits for a connection to %s that nobody is left to make";
	case OP_POLL: return "waits for events on %s that nobody is left to cause";
	case OP_SIGNAL_WAIT: return "waits for a signal that nobody is left to send";
	case OP_WAIT: return "waits for a child process to end";
	default: return NULL;
	}
}

static void lonely_print(FILE *out, uint16_t op, const char *label)
{
	const char *format = lonely_text(op);
	const char *at = format ? strstr(format, "%s") : NULL;
	if (!format)
		fprintf(out, "waits for %s in %s", label, op_info(op)->text);
	else if (!at)
		fputs(format, out);
	else
		fprintf(out, "%.*s%s%s", (int)(at - format), format, label, at + 2);
}

const char *waits_text(const struct waits *waits, const struct trace *trace, uint16_t task, char *buffer,
	size_t nbytes)
{
	const struct wait *wait = &waits->items[task];
	uint16_t op = trace->announces[wait->announce].request.op;
	char label[OBJECT_LABEL_BYTES];
	FILE *out = fmemopen(buffer, nbytes, "w");
	buffer[0] = '\0';
	if (!out)
		return buffer;
	object_label(trace, wait->object, label, sizeof(label));
	if (op == OP_JOIN)
		fprintf(out, "waits for %s to end", wait->ntargets && wait->targets[0] == task ? "itself" : label);
	else if (wait->is_lock && wait->ntargets) {
		fprintf(out, "waits for %s", label);
		holders_print(out, waits, trace, wait);
	} else {
		lonely_print(out, op, label);
	}
	fclose(out);
	buffer[nbytes - 1] = '\0';
	return buffer;
}
