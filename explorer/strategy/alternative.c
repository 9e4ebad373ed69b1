#include "alternative.h"

#include <stdlib.h>
#include <string.h>

/* Was this step a yield that lets others go for free? Sleepers are not enabled anyway. */
static bool is_polite(const struct request *request)
{
	return (op_info(request->op)->flags & ACT_YIELD) && !(request->flags & REQUEST_HOLD);
}

static uint32_t set_lowest(const struct task_set *set, const struct task_set *without)
{
	for (uint32_t word = 0; word < TASK_WORDS; word++) {
		uint64_t bits = set->words[word] & ~(without ? without->words[word] : 0);
		if (bits)
			return word * 64 + (uint32_t)__builtin_ctzll(bits);
	}
	return 0;
}

static uint32_t set_next(const struct task_set *set, uint32_t after)
{
	for (uint32_t word = (after + 1) / 64; word < TASK_WORDS; word++) {
		uint64_t bits = set->words[word];
		if (word == (after + 1) / 64)
			bits &= ~0ULL << (after + 1) % 64;
		if (bits)
			return word * 64 + (uint32_t)__builtin_ctzll(bits);
	}
	return 0;
}

/* The task that may go on for nothing; see the chooser FIRST. */
static uint16_t settled_task(const struct choice_points *points, const struct trace_step *step,
	const struct task_set *yielded)
{
	uint32_t previous = step->previous;
	if (previous && task_set_has(step->enabled, previous) && !task_set_has(yielded, previous))
		return (uint16_t)previous;
	if (!points->delays)
		return 0;
	uint32_t lowest = set_lowest(step->enabled, yielded);
	return (uint16_t)(lowest ? lowest : set_lowest(step->enabled, NULL));
}

static uint32_t mix(uint32_t hash, uint64_t value)
{
	uint64_t product = (hash ^ value) * 0x9e3779b97f4a7c15ULL;
	return (uint32_t)(product >> 32);
}

/* While the step is made: values that are chosen meanwhile don't know its result, which may depend on them. */
static uint32_t history_within(const struct trace *trace, uint32_t history, const struct trace_step *step)
{
	const struct request *request = &trace->announces[step->announce].request;
	return mix(history, (uint64_t)step->task << 48 | (uint64_t)request->op << 32 | request->object);
}

/*
 * When a step has been made. Its result is known then, unless it was made in parts, because it had to wait in the middle:
 * the last of these parts, a guarded step, tells both results. `outer`: of each task the step that they are parts of, + 1.
 */
static uint32_t history_behind(const struct trace *trace, uint32_t history, uint32_t index, uint32_t *outer)
{
	const struct trace_step *step = &trace->steps[index];
	uint32_t within = history_within(trace, history, step);

	history = step->lasted ? within : mix(within, (uint64_t)step->result);
	if (!(trace->announces[step->announce].request.flags & REQUEST_GUARDED))
		outer[step->task] = index + 1;
	else if (outer[step->task] && outer[step->task] - 1 + trace->steps[outer[step->task] - 1].lasted == index)
		history = mix(history, (uint64_t)trace->steps[outer[step->task] - 1].result);
	return history;
}

static void points_of_steps(struct choice_points *points, uint32_t *outer)
{
	const struct trace *trace = points->trace;
	struct task_set yielded = {0};
	uint32_t history = 0, within = 0, value = 0;
	for (uint32_t i = 0; i <= trace->nsteps; i++) {
		for (; value < trace->nvalue_choices && trace->value_choices[value].at_step <= i; value++)
			if (trace->value_choices[value].choice < points->n)
				points->items[trace->value_choices[value].choice] = (struct choice_point){.step = value,
					.is_value = true, .history = mix(within, trace->value_choices[value].n)};
		if (i == trace->nsteps)
			break;
		const struct trace_step *step = &trace->steps[i];
		if (step->choice < points->n)
			points->items[step->choice] = (struct choice_point){.step = i,
				.settled = settled_task(points, step, &yielded),
				.history = mix(history, step->nalternatives)};
		if (is_polite(&trace->announces[step->announce].request))
			task_set_add(&yielded, step->task);
		else
			task_set_remove(&yielded, step->task);
		within = history_within(trace, history, step);
		history = history_behind(trace, history, i, outer);
	}
}

int choice_points_init(struct choice_points *points, const struct trace *trace, bool delays)
{
	points->trace = trace;
	points->delays = delays;
	points->n = trace->nchoices;
	points->items = calloc(trace->nchoices + 1, sizeof(*points->items));
	uint32_t *outer = calloc(trace->ntasks + 1UL, sizeof(*outer));
	if (!points->items || !outer) {
		free(outer);
		return -1;
	}
	points_of_steps(points, outer);
	free(outer);
	return 0;
}

void choice_points_fini(struct choice_points *points)
{
	free(points->items);
	points->items = NULL;
}

/* Enabled tasks from the settled one round to this one. */
static uint32_t delays_to(const struct trace_step *step, uint32_t settled, uint32_t task)
{
	uint32_t ndelays = 0;
	for (uint32_t at = settled; at != task; ndelays++) {
		at = set_next(step->enabled, at);
		if (!at)
			at = set_lowest(step->enabled, NULL);
	}
	return ndelays;
}

static struct alternative task_alternative(const struct choice_points *points, const struct choice_point *point,
	uint32_t task, bool timed)
{
	struct alternative alternative = {.directive = {.form = DIRECTIVE_TAKE, .kind = CHOICE_TASK, .task = (uint16_t)task}};
	if (timed) {
		alternative.directive.kind = CHOICE_TIMEOUT;
		alternative.cost = 1;
	} else if (points->delays) {
		alternative.cost = delays_to(&points->trace->steps[point->step], point->settled, task);
	} else {
		alternative.cost = point->settled && task != point->settled;
	}
	return alternative;
}

static struct alternative value_alternative(const struct trace_value_choice *choice, uint32_t value)
{
	return (struct alternative){
		.directive = {.form = DIRECTIVE_TAKE, .kind = (uint8_t)choice->kind, .task = choice->task, .value = value},
		.cost = choice->kind != CHOICE_WAKE && value != choice->normal,
	};
}

struct alternative choice_points_taken(const struct choice_points *points, uint32_t index)
{
	const struct choice_point *point = &points->items[index];
	if (point->is_value) {
		const struct trace_value_choice *choice = &points->trace->value_choices[point->step];
		return value_alternative(choice, choice->taken);
	}
	const struct trace_step *step = &points->trace->steps[point->step];
	return task_alternative(points, point, step->task, task_set_has(step->timed, step->task));
}

uint32_t choice_points_all(const struct choice_points *points, uint32_t index, struct alternative *out, uint32_t max)
{
	const struct choice_point *point = &points->items[index];
	uint32_t n = 0;
	if (point->is_value) {
		const struct trace_value_choice *choice = &points->trace->value_choices[point->step];
		for (; n < choice->n && n < max; n++)
			out[n] = value_alternative(choice, n);
		return choice->n;
	}
	const struct trace_step *step = &points->trace->steps[point->step];
	for (int timed = 0; timed < 2; timed++) {
		const struct task_set *set = timed ? step->timed : step->enabled;
		for (uint32_t task = set_lowest(set, NULL); task; task = set_next(set, task), n++)
			if (n < max)
				out[n] = task_alternative(points, point, task, timed);
	}
	return n;
}
