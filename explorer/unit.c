#include "unit.h"

#include <stdlib.h>

#include "shared/op.h"

struct derivation {
	const struct trace *trace;
	struct unit_list *list;
	bool *touches;    /* [ntasks + 1]: the task itself */
	bool *subtree;    /* [ntasks + 1]: the task or one that descends from it */
	uint32_t *born;   /* [ntasks + 1]: step before which its first operation was announced */
	bool observed;
};

static bool op_touches(uint16_t op)
{
	switch (op) {
	case OP_SQLITE_STEP:
	case OP_SQLITE_EXEC:
	case OP_SQLITE_BLOB:
	case OP_SQLITE_BACKUP:
	case OP_DB_STATEMENT:
	case OP_EFFECT:
		return true;
	default:
		return false;
	}
}

bool unit_step_touches(const struct trace *trace, uint32_t step)
{
	return op_touches(trace_step_announce(trace, step)->request.op);
}

static void note_touches(struct derivation *derivation)
{
	const struct trace *trace = derivation->trace;

	for (uint32_t i = 0; i < trace->nsteps; i++)
		if (unit_step_touches(trace, i))
			derivation->touches[trace->steps[i].task] = true;
	for (uint32_t i = 0; i < trace->nguarded; i++)
		if (op_touches(trace->guarded[i].op))
			derivation->touches[trace->guarded[i].task] = true;
	for (uint32_t i = 0; i < trace->neffects; i++)
		derivation->touches[trace->effects[i].task] = true;
	for (uint32_t i = 0; i < trace->nrows; i++)
		derivation->touches[trace->rows[i].task] = true;
	/* children have higher numbers than their parents */
	for (uint32_t i = trace->ntasks; i > 0; i--) {
		derivation->subtree[i] |= derivation->touches[i];
		if (trace->tasks[i].parent < i)
			derivation->subtree[trace->tasks[i].parent] |= derivation->subtree[i];
	}
}

static void note_births(struct derivation *derivation)
{
	const struct trace *trace = derivation->trace;

	for (uint32_t i = trace->nannounces; i > 0; i--)
		derivation->born[trace->announces[i - 1].task] = trace->announces[i - 1].at_step;
}

static bool is_process(const struct trace *trace, uint32_t task)
{
	return trace->tasks[task].flags & TASK_MAIN;
}

/* Is the task started by the harness directly: its own thread, or a process forked by any thread of its process? */
static bool is_child(const struct trace *trace, uint32_t harness, uint32_t task)
{
	uint32_t parent = trace->tasks[task].parent;

	if (task == harness || parent == 0 || parent >= task)
		return false;
	if (is_process(trace, task))
		return trace->tasks[parent].process == trace->tasks[harness].process;
	return parent == harness;
}

/* Children of the harness of the wanted kind with a footprint; *last becomes the last of them. */
static uint32_t count_children(const struct derivation *derivation, uint32_t harness, bool processes, uint32_t *last)
{
	uint32_t n = 0;

	for (uint32_t i = 1; i <= derivation->trace->ntasks; i++) {
		if (!is_child(derivation->trace, harness, i) || is_process(derivation->trace, i) != processes ||
		    !derivation->subtree[i])
			continue;
		*last = i;
		n++;
	}
	return n;
}

/* Does any child of the task's touch something? */
static bool has_touching_children(const struct derivation *derivation, uint32_t task)
{
	uint32_t last;

	return count_children(derivation, task, true, &last) + count_children(derivation, task, false, &last) > 1;
}

static bool unit_add(struct unit_list *list, struct unit unit)
{
	struct unit *grown = realloc(list->items, (list->n + 1UL) * sizeof *grown);

	if (!grown)
		return false;
	list->items = grown;
	grown[list->n++] = unit;
	return true;
}

static bool task_unit_add(struct derivation *derivation, uint32_t task)
{
	const struct trace_task *from = &derivation->trace->tasks[task];
	struct unit unit = {
		.name = from->name,
		.identity = from->identity,
		.kind = is_process(derivation->trace, task) ? UNIT_PROCESS : UNIT_THREAD,
		.task = (uint16_t)task,
		.touches = derivation->subtree[task],
		.has_result = from->exited,
		.result = from->exit_value,
	};

	derivation->list->of_task[task] = derivation->list->n + 1;
	return unit_add(derivation->list, unit);
}

/* The default units: children of the harness, which moves down while one child does all the work. */
static bool derive_tasks(struct derivation *derivation)
{
	const struct trace *trace = derivation->trace;
	uint32_t harness = 1, last = 0, nprocesses, nthreads;

	for (;;) {
		nprocesses = count_children(derivation, harness, true, &last);
		nthreads = count_children(derivation, harness, false, &last);
		if (nprocesses + nthreads != 1 || derivation->touches[harness] || !has_touching_children(derivation, last))
			break;
		harness = last;
	}
	for (uint32_t i = 1; i <= trace->ntasks; i++) {
		if (!is_child(trace, harness, i))
			continue;
		/* two processes or more: threads beside them are the harness's; one: both kinds are units */
		bool wanted = nprocesses > 1 ? is_process(trace, i) : !is_process(trace, i) || nprocesses == 1;
		if (wanted && !task_unit_add(derivation, i))
			return false;
	}
	for (uint32_t i = 1; i <= trace->ntasks; i++)
		if (!derivation->list->of_task[i] && trace->tasks[i].parent < i)
			derivation->list->of_task[i] = derivation->list->of_task[trace->tasks[i].parent];
	return true;
}

/* The child that all that touches something descends from, but for the task itself; 0: there are several, or none. */
static uint32_t only_child(const struct derivation *derivation, uint32_t task)
{
	const struct trace *trace = derivation->trace;
	uint32_t only = 0;

	for (uint32_t i = task + 1; i <= trace->ntasks; i++) {
		if (trace->tasks[i].parent != task || !derivation->subtree[i])
			continue;
		if (only)
			return 0;
		only = i;
	}
	return only;
}

/* The harness ends where tasks branch: a main thread, the thread that accepts what others work for. */
static bool derive_observed(struct derivation *derivation)
{
	const struct trace *trace = derivation->trace;
	uint32_t harness = 1, child = only_child(derivation, harness);

	for (; child; child = only_child(derivation, harness))
		harness = child;
	for (uint32_t i = harness + 1; i <= trace->ntasks; i++)
		if (derivation->touches[i] && !task_unit_add(derivation, i))
			return false;
	return true;
}

/* Marked stretches; a stretch within another of the same task belongs to the outer one. */
static bool derive_marks(struct derivation *derivation)
{
	const struct trace *trace = derivation->trace;
	struct unit_list *list = derivation->list;

	for (uint32_t i = 0; i < trace->nunits; i++) {
		const struct trace_unit *mark = &trace->units[i];
		if (unit_of(list, mark->task, mark->begin_step))
			continue;
		struct unit unit = {.name = mark->name, .identity = mark->identity, .kind = UNIT_MARKED, .task = mark->task,
			.begin_step = mark->begin_step, .end_step = mark->end_step};
		if (!unit_add(list, unit))
			return false;
	}
	for (uint32_t i = 1; i <= trace->ntasks; i++)
		if (trace->tasks[i].parent < i && derivation->born[i] > 0)
			list->of_task[i] = unit_of(list, trace->tasks[i].parent, derivation->born[i] - 1);
	return true;
}

static int64_t result_of(const struct trace_request *request)
{
	return request->replied ? (int64_t)((uint64_t)request->status << 48 | request->digest >> 16) : 0;
}

/* Requests are units when one of them touches something. */
static bool derive_requests(struct derivation *derivation)
{
	const struct trace *trace = derivation->trace;
	struct unit_list *list = derivation->list;

	list->requests = true;
	for (uint32_t i = 0; i < trace->nrequests; i++) {
		const struct trace_request *request = &trace->requests[i];
		struct unit unit = {.name = request->name, .identity = request->identity, .kind = UNIT_REQUEST,
			.task = request->task, .begin_step = request->at_step,
			.end_step = request->replied ? request->reply_step : trace->nsteps,
			.has_result = request->replied, .result = result_of(request)};
		if (!unit_add(list, unit))
			return false;
	}
	return true;
}

static void note_touch(struct unit_list *list, uint32_t unit)
{
	if (unit)
		list->items[unit - 1].touches = true;
}

static void note_marked_touches(struct unit_list *list)
{
	const struct trace *trace = list->trace;

	for (uint32_t i = 0; i < trace->nsteps; i++)
		if (unit_step_touches(trace, i))
			note_touch(list, list->of_step[i]);
	for (uint32_t i = 0; i < trace->nguarded; i++)
		if (op_touches(trace->guarded[i].op))
			note_touch(list, unit_of(list, trace->guarded[i].task, trace->guarded[i].at_step));
	for (uint32_t i = 0; i < trace->neffects; i++)
		note_touch(list, unit_of(list, trace->effects[i].task, trace->effects[i].at_step));
	for (uint32_t i = 0; i < trace->nrows; i++)
		note_touch(list, unit_of(list, trace->rows[i].task, trace->rows[i].at_step));
}

/* Is the step only what a server does between two requests? After its reply a request's are those that touch something. */
static bool is_over(const struct unit_list *list, uint32_t step)
{
	uint32_t request = list->requests ? work_of(&list->work, list->trace->steps[step].task, step) : 0;

	return request && list->items[request - 1].end_step < step && !unit_step_touches(list->trace, step);
}

static void assign_steps(struct unit_list *list)
{
	const struct trace *trace = list->trace;

	for (uint32_t i = 0; i < trace->nsteps; i++)
		list->of_step[i] = is_over(list, i) ? 0 : unit_of(list, trace->steps[i].task, i);
	for (uint32_t i = 0; i < list->n; i++)
		list->items[i].nsteps = 0;
	for (uint32_t i = 0; i < trace->nsteps; i++) {
		if (!list->of_step[i])
			continue;
		struct unit *unit = &list->items[list->of_step[i] - 1];
		if (unit->nsteps++ == 0)
			unit->first_step = i;
		unit->last_step = i;
	}
}

static void settle(struct unit_list *list)
{
	assign_steps(list);
	if (list->trace->nunits || list->requests)
		note_marked_touches(list);
}

/* Marks, else requests that touch something, else tasks. */
static bool derive(struct derivation *derivation)
{
	struct unit_list *list = derivation->list;
	bool marked = derivation->trace->nunits > 0;

	if (!marked && derivation->trace->nrequests > 0) {
		if (work_init(&list->work, derivation->trace) < 0 || !derive_requests(derivation))
			return false;
		settle(list);
		if (unit_ntouching(list) > 0)
			return true;
		list->requests = false;
		list->n = 0;
	}
	if (marked ? !derive_marks(derivation) : derivation->observed ? !derive_observed(derivation) : !derive_tasks(derivation))
		return false;
	settle(list);
	return true;
}

static struct unit_list *open_list(const struct trace *trace, bool observed)
{
	struct unit_list *list = calloc(1, sizeof *list);
	struct derivation derivation = {.trace = trace, .list = list, .observed = observed};
	bool done = false;

	if (!list)
		return NULL;
	list->trace = trace;
	list->of_step = calloc(trace->nsteps + 1UL, sizeof *list->of_step);
	list->of_task = calloc(trace->ntasks + 1UL, sizeof *list->of_task);
	derivation.touches = calloc(trace->ntasks + 1UL, sizeof *derivation.touches);
	derivation.subtree = calloc(trace->ntasks + 1UL, sizeof *derivation.subtree);
	derivation.born = calloc(trace->ntasks + 1UL, sizeof *derivation.born);
	if (list->of_step && list->of_task && derivation.touches && derivation.subtree && derivation.born) {
		note_births(&derivation);
		note_touches(&derivation);
		done = derive(&derivation);
	}
	free(derivation.touches);
	free(derivation.subtree);
	free(derivation.born);
	if (done)
		return list;
	unit_list_close(list);
	return NULL;
}

struct unit_list *unit_list_open(const struct trace *trace)
{
	return open_list(trace, false);
}

struct unit_list *unit_list_open_observed(const struct trace *trace)
{
	return open_list(trace, true);
}

uint32_t unit_of(const struct unit_list *list, uint32_t task, uint32_t step)
{
	if (list->requests)
		return work_of(&list->work, task, step);
	for (uint32_t i = 0; i < list->n; i++) {
		const struct unit *unit = &list->items[i];
		if (unit->kind == UNIT_MARKED && unit->task == task && unit->begin_step <= step && step <= unit->end_step)
			return i + 1;
	}
	return task <= list->trace->ntasks ? list->of_task[task] : 0;
}

const struct unit *unit_find(const struct unit_list *list, uint64_t identity)
{
	for (uint32_t i = 0; i < list->n; i++)
		if (list->items[i].identity == identity)
			return &list->items[i];
	return NULL;
}

uint32_t unit_ntouching(const struct unit_list *list)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < list->n; i++)
		n += list->items[i].touches;
	return n;
}

static uint32_t end_of(const struct unit_list *list, const struct unit *unit)
{
	uint32_t nsteps = list->trace->nsteps;
	bool ended = unit->kind == UNIT_MARKED ? unit->end_step < nsteps : unit->has_result;

	return ended ? unit->last_step : nsteps;
}

uint32_t unit_noverlapping(const struct unit_list *list)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < list->n; i++)
		for (uint32_t j = i + 1; j < list->n; j++) {
			const struct unit *left = &list->items[i], *right = &list->items[j];
			n += left->nsteps && right->nsteps && left->first_step <= end_of(list, right) &&
				right->first_step <= end_of(list, left);
		}
	return n;
}

uint32_t unit_first_step(const struct unit_list *list)
{
	uint32_t first = list->trace->nsteps;

	for (uint32_t i = 0; i < list->n; i++)
		if (list->items[i].nsteps && list->items[i].first_step < first)
			first = list->items[i].first_step;
	return first;
}

void unit_list_close(struct unit_list *list)
{
	if (!list)
		return;
	free(list->items);
	free(list->of_step);
	free(list->of_task);
	work_fini(&list->work);
	free(list);
}
