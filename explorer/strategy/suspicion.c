#include "suspicion_view.h"

#include <stdlib.h>
#include <string.h>

enum { UNTIL_ENDED = 0xffffffff };

static int nchoices_fill(struct suspicion_view *view)
{
	const struct trace *trace = view->trace;
	uint32_t value = 0, n = 0;
	view->nchoices = calloc(view->nsteps + 1, sizeof(*view->nchoices));
	if (!view->nchoices)
		return -1;
	for (uint32_t step = 0; step <= view->nsteps; step++) {
		for (; value < trace->nvalue_choices && trace->value_choices[value].at_step <= step; value++)
			n += trace->value_choices[value].choice != TRACE_NO_CHOICE;
		view->nchoices[step] = n;
		if (step < view->nsteps)
			n += trace->steps[step].choice != TRACE_NO_CHOICE;
	}
	return 0;
}

int suspicion_view_init(struct suspicion_view *view, const struct trace *trace)
{
	memset(view, 0, sizeof(*view));
	view->trace = trace;
	view->nsteps = trace->nsteps < SUSPICION_STEPS ? trace->nsteps : SUSPICION_STEPS;
	view->hb = hb_open(trace, HB_TASKS, view->nsteps);
	view->units = unit_list_open(trace);
	return !view->hb || !view->units || nchoices_fill(view) ? -1 : 0;
}

void suspicion_view_fini(struct suspicion_view *view)
{
	unit_list_close(view->units);
	hb_close(view->hb);
	free(view->nchoices);
}

const struct request *suspicion_request(const struct suspicion_view *view, uint32_t step)
{
	return &trace_step_announce(view->trace, step)->request;
}

static uint64_t mix(uint64_t hash, uint64_t value)
{
	hash = (hash ^ value) * 0x9e3779b97f4a7c15ULL;
	return hash ^ hash >> 29;
}

uint64_t suspicion_place(const struct suspicion_view *view, uint32_t step)
{
	const struct request *request = suspicion_request(view, step);
	uint64_t statement = request->statement ? view->trace->statements[request->statement].hash : 0;
	return mix(mix(mix(1, request->op), request->site), statement);
}

uint64_t suspicion_pair(const struct suspicion_view *view, enum suspicion_rank rank, uint32_t first, uint32_t last)
{
	uint64_t places = mix(suspicion_place(view, first), suspicion_place(view, last));
	return mix(mix(places, rank), view->trace->steps[first].task);
}

static uint32_t ordinal_of(const struct suspicion_view *view, uint32_t step)
{
	return trace_step_announce(view->trace, step)->ordinal;
}

static struct directive run(uint32_t task, uint32_t until)
{
	return (struct directive){.form = DIRECTIVE_RUN, .kind = CHOICE_TASK, .task = (uint16_t)task, .value = until};
}

struct directive suspicion_run_past(const struct suspicion_view *view, uint32_t step)
{
	return run(view->trace->steps[step].task, ordinal_of(view, step) + 1);
}

struct directive suspicion_run_out(uint32_t task)
{
	return run(task, UNTIL_ENDED);
}

static uint32_t birth_of(const struct suspicion_view *view, uint32_t step)
{
	return view->trace->tasks[view->trace->steps[step].task].at_step;
}

/* The other has not begun by then, but could: its creator goes on until it has made it. */
static int break_early(const struct suspicion_view *view, struct suspicion *suspicion, uint32_t last, uint32_t between)
{
	const struct trace *trace = view->trace;
	uint32_t birth = birth_of(view, between);
	if (birth == 0 || birth > view->nsteps || trace->steps[birth - 1].task == trace->steps[last].task)
		return 0;
	suspicion->runs[0] = suspicion_run_past(view, birth - 1);
	suspicion->runs[1] = suspicion_run_past(view, between);
	suspicion->nruns = 2;
	return view->found(view->state, suspicion);
}

/* What a unit is called, numbers aside, where units are requests: what all do alike counts for each kind of them. */
static uint64_t kind_of_unit(const struct suspicion_view *view, uint32_t step)
{
	uint32_t unit = unit_of(view->units, view->trace->steps[step].task, step);
	uint64_t hash = 0;
	if (!view->units->requests || unit == 0)
		return 0;
	for (const char *at = view->units->items[unit - 1].name; *at; at++)
		if (*at < '0' || *at > '9')
			hash = mix(hash, (uint8_t)*at);
	return hash;
}

int suspicion_break(const struct suspicion_view *view, enum suspicion_rank rank, uint32_t first, uint32_t last,
	uint32_t between)
{
	const struct trace *trace = view->trace;
	struct suspicion suspicion = {.rank = rank};
	suspicion.signature = mix(mix(mix(rank, suspicion_place(view, first)), suspicion_place(view, last)),
		suspicion_place(view, between));
	suspicion.signature = mix(mix(suspicion.signature, kind_of_unit(view, first)), kind_of_unit(view, between));
	if (trace->steps[between].task == trace->steps[last].task)
		return suspicion_relay(view, &suspicion, last, between);
	if (between > last) {
		if (hb_before(view->hb, last, between))
			return 0;
		suspicion.nchoices = view->nchoices[last];
		if (suspicion_serve(view, &suspicion, last, between))
			return view->found(view->state, &suspicion);
		if (birth_of(view, between) > last)
			return break_early(view, &suspicion, last, between);
		suspicion.runs[0] = suspicion_run_past(view, between);
		suspicion.nruns = 1;
		return view->found(view->state, &suspicion);
	}
	uint32_t left = birth_of(view, first), right = birth_of(view, between), cut = left > right ? left : right;
	if (between > first || cut > between || hb_before(view->hb, between, first))
		return 0;
	suspicion.nchoices = view->nchoices[cut];
	suspicion.runs[0] = run(trace->steps[first].task, ordinal_of(view, last));
	suspicion.runs[1] = suspicion_run_past(view, between);
	suspicion.nruns = 2;
	return view->found(view->state, &suspicion);
}

int suspicion_reverse(const struct suspicion_view *view, enum suspicion_rank rank, uint32_t cut, uint32_t earlier,
	uint32_t later)
{
	struct suspicion suspicion = {.rank = rank, .nruns = 1};
	if (hb_before(view->hb, earlier, later) || birth_of(view, later) > cut)
		return 0;
	suspicion.signature = mix(mix(mix(rank, ~suspicion_place(view, earlier)), suspicion_place(view, later)), cut == earlier);
	suspicion.nchoices = view->nchoices[cut];
	suspicion.runs[0] = suspicion_run_past(view, later);
	return view->found(view->state, &suspicion);
}

int suspicion_cycle(const struct suspicion_view *view, const uint32_t *steps, uint32_t n)
{
	struct suspicion suspicion = {.rank = SUSPICION_LOCK_ORDER, .nchoices = view->nchoices[steps[0]]};
	suspicion.signature = mix(3, n);
	for (uint32_t i = 0; i < n; i++)
		suspicion.signature = mix(suspicion.signature, suspicion_place(view, steps[i]));
	for (uint32_t i = 1; i < n; i++) {
		if (birth_of(view, steps[i]) > steps[0] || hb_before(view->hb, steps[0], steps[i]))
			return 0;
		/* one further than about to: it announces its lock, and is blocked if all went well */
		suspicion.runs[suspicion.nruns++] =
			run(view->trace->steps[steps[i]].task, ordinal_of(view, steps[i]) + (i == n - 1));
	}
	return view->found(view->state, &suspicion);
}

/* A new task goes on at once until it ends or blocks, while its creator may not have prepared everything. */
static int early_children(const struct suspicion_view *view)
{
	const struct trace *trace = view->trace;
	for (uint32_t id = 2; id <= trace->ntasks; id++) {
		const struct trace_task *task = &trace->tasks[id];
		struct suspicion suspicion = {.rank = SUSPICION_EARLY_CHILD, .nruns = 1};
		if (!task->parent || task->at_step >= view->nsteps)
			continue;
		suspicion.signature = mix(mix(mix(2, SUSPICION_EARLY_CHILD), task->start),
			task->at_step ? suspicion_place(view, task->at_step - 1) : 0);
		suspicion.nchoices = view->nchoices[task->at_step];
		suspicion.runs[0] = suspicion_run_out(id);
		if (view->found(view->state, &suspicion))
			return -1;
	}
	return 0;
}

int suspicion_find(const struct trace *trace, int (*found)(void *state, const struct suspicion *suspicion),
	void *state)
{
	struct suspicion_view view;
	int status = suspicion_view_init(&view, trace);
	view.found = found;
	view.state = state;
	if (!status && (suspicion_faults(&view) || suspicion_database(&view) || suspicion_locks(&view) ||
			early_children(&view) || suspicion_orders(&view)))
		status = -1;
	suspicion_view_fini(&view);
	return status;
}
