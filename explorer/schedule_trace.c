#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "action.h"
#include "schedule.h"
#include "stretch.h"
#include "waiter.h"

enum { NONE = ~0U };

struct builder {
	const struct trace *trace;
	const struct symbols *symbols;
	struct schedule *schedule;
	struct stretch_list stretches;
	uint32_t *next;    /* [nannounces + 1]: the announcement that the same task made after this one, NONE: it made none */
	uint32_t *born_at; /* [ntasks + 1]: number of steps made before its first announcement */
};

static int builder_prepare(struct builder *builder)
{
	const struct trace *trace = builder->trace;
	uint32_t *following = malloc((trace->ntasks + 1) * sizeof *following);

	builder->next = malloc((trace->nannounces + 1) * sizeof *builder->next);
	builder->born_at = calloc(trace->ntasks + 1, sizeof *builder->born_at);
	if (following == NULL || builder->next == NULL || builder->born_at == NULL) {
		free(following);
		return -1;
	}
	memset(following, 0xff, (trace->ntasks + 1) * sizeof *following);
	for (uint32_t i = trace->nannounces; i-- > 0;) {
		uint16_t task = trace->announces[i].task;
		builder->next[i] = following[task];
		builder->born_at[task] = trace->announces[i].at_step;
		following[task] = i;
	}
	free(following);
	return stretch_list_fill(&builder->stretches, trace);
}

/* The announcement that a step performed. */
static uint32_t performed(const struct builder *builder, uint32_t step)
{
	return builder->trace->steps[step].announce;
}

/* How often the task said the same within the line before it was to stop. */
static uint32_t count_earlier(const struct builder *builder, const struct schedule_line *line, uint32_t first,
	uint32_t last)
{
	uint32_t n = 0;

	for (uint32_t i = builder->next[first]; i != last && i != NONE; i = builder->next[i]) {
		struct action action = action_of_announce(builder->trace, builder->symbols, i);
		n += action_matches(&action, line);
	}
	return n;
}

/* Only a damaged trace has tasks without names. */
static const char *name_of(const struct builder *builder, const struct stretch *stretch)
{
	const char *name = trace_task_name(builder->trace, stretch->task);

	return *name != '\0' ? name : "?";
}

static int add_run(struct builder *builder, const struct stretch *stretch)
{
	const struct trace *trace = builder->trace;
	struct schedule_line *line = schedule_add(builder->schedule, CHOICE_TASK, name_of(builder, stretch));
	uint32_t until = builder->next[performed(builder, stretch->end - 1)];

	if (line == NULL)
		return -1;
	line->ended = until == NONE || trace->announces[until].request.op == OP_NONE;
	if (line->ended)
		return 0;
	struct action action = action_of_announce(trace, builder->symbols, until);
	if (action_describe(&action, line) != 0)
		return -1;
	line->nth = 1 + count_earlier(builder, line, performed(builder, stretch->begin), until);
	return 0;
}

/* `object`: what a value is about, 0: the object of the step's operation. */
static int describe_step(struct builder *builder, struct schedule_line *line, uint32_t step, uint32_t object)
{
	struct action action = action_of_announce(builder->trace, builder->symbols, performed(builder, step));
	struct action_about about;

	action_about(&about, &action, object);
	if (action_describe(&about.action, line) != 0)
		return -1;
	if (object != 0 || ((line->kind == CHOICE_BUSY || line->kind == CHOICE_FAULT) && line->text != NULL))
		line->op = OP_NONE;
	return 0;
}

static int add_timeout(struct builder *builder, const struct stretch *stretch)
{
	struct schedule_line *line = schedule_add(builder->schedule, CHOICE_TIMEOUT, name_of(builder, stretch));

	return line == NULL ? -1 : describe_step(builder, line, stretch->begin, 0);
}

static bool is_of_descriptor(const struct trace_value_choice *choice)
{
	return choice->kind == CHOICE_EVENT || choice->kind == CHOICE_HOLD;
}

/* Who wakes by name, a victim by how it was told, other values as numbers; those of `busy` and of descriptors need none. */
static int answer_value(struct builder *builder, struct schedule_line *line, const struct trace_value_choice *choice)
{
	const char *name = choice->kind == CHOICE_WAKE ? waiter_name(builder->trace, choice) : NULL;
	char number[16];

	if (choice->kind == CHOICE_BUSY || is_of_descriptor(choice))
		return 0;
	snprintf(number, sizeof number, "%u", choice->taken);
	if (choice->kind == CHOICE_VICTIM)
		name = choice_victim_word(choice->taken);
	if (choice->kind == CHOICE_FAULT)
		name = choice_fault_word(choice->taken);
	line->answer = strdup(name != NULL && *name != '\0' ? name : number);
	return line->answer == NULL ? -1 : 0;
}

static bool is_described(const struct trace_value_choice *choice)
{
	return choice->kind == CHOICE_WAKE || choice->kind == CHOICE_BUSY || choice->kind == CHOICE_FAULT || is_of_descriptor(choice);
}

/* Only a damaged trace doesn't tell which descriptor it was. */
static bool is_sound(const struct trace *trace, const struct trace_value_choice *choice)
{
	if (choice->kind >= CHOICE_KIND_COUNT || choice->at_step == 0 ||
		trace_step_announce(trace, choice->at_step - 1)->request.op == OP_NONE)
		return false;
	uint16_t kind = trace->objects[choice->object].kind;
	return !is_of_descriptor(choice) || ((kind == OBJECT_CHANNEL || kind == OBJECT_CONNECTION) &&
		trace->tasks[choice->task].object != choice->object);
}

/* How often the same was offered within the step before, after the line that came last. */
static uint32_t count_offers(const struct trace *trace, uint32_t value)
{
	const struct trace_value_choice *choice = &trace->value_choices[value];
	uint32_t n = 0;

	while (value-- > 0 && trace->value_choices[value].at_step == choice->at_step) {
		const struct trace_value_choice *earlier = &trace->value_choices[value];
		if (earlier->taken != earlier->normal)
			break;
		n += earlier->kind == choice->kind && earlier->object == choice->object;
	}
	return n;
}

static int add_value(struct builder *builder, const struct stretch *stretch)
{
	const struct trace *trace = builder->trace;
	const struct trace_value_choice *choice = &trace->value_choices[stretch->value];

	if (!is_sound(trace, choice))
		return 0;
	struct schedule_line *line = schedule_add(builder->schedule, choice->kind, name_of(builder, stretch));
	if (line == NULL || answer_value(builder, line, choice) != 0)
		return -1;
	line->nth = 1 + count_offers(trace, stretch->value);
	if (is_described(choice) && describe_step(builder, line, choice->at_step - 1,
		is_of_descriptor(choice) ? choice->object : 0) != 0)
		return -1;
	return 0;
}

static int add_stretch(struct builder *builder, const struct stretch *stretch)
{
	switch (stretch->kind) {
	case STRETCH_RUN: return add_run(builder, stretch);
	case STRETCH_TIMEOUT: return add_timeout(builder, stretch);
	default: return add_value(builder, stretch);
	}
}

static bool is_chosen(const struct stretch *stretch)
{
	return stretch->kind != STRETCH_RUN || !stretch->first;
}

/*
 * A piece that the chooser would have made needs no line either when the next line's task is born only after it: the
 * chooser goes on until then. -1: memory is short.
 */
static int add_lines(struct builder *builder)
{
	const struct stretch_list *list = &builder->stretches;
	uint32_t nsaid = builder->trace->observed ? list->n : stretch_list_said(list), next = nsaid;
	bool *needed = calloc(nsaid + 1, sizeof *needed);
	int status = needed == NULL ? -1 : 0;

	for (uint32_t i = nsaid; status == 0 && i-- > 0;) {
		needed[i] = builder->trace->observed || is_chosen(&list->items[i]) || next == nsaid ||
			builder->born_at[list->items[next].task] < list->items[i].end;
		next = needed[i] ? i : next;
	}
	for (uint32_t i = 0; status == 0 && i < nsaid; i++)
		if (needed[i])
			status = add_stretch(builder, &list->items[i]);
	free(needed);
	return status;
}

static uint32_t find_creation(const struct trace *trace)
{
	uint32_t step = 0;

	while (step < trace->nsteps && trace_step_announce(trace, step)->request.op != OP_CREATE &&
		trace_step_announce(trace, step)->request.op != OP_FORK)
		step++;
	return step;
}

/*
 * Under control there is more before the first task is created than was observed, or nothing, where executions begin
 * there: a line of its own says that so far, and what comes before it is not said.
 */
static int begin_observed(struct builder *builder)
{
	const struct trace *trace = builder->trace;
	struct stretch_list *list = &builder->stretches;
	uint32_t creation = find_creation(trace), nbefore = 0;

	if (creation == trace->nsteps) {
		list->n = 0;
		return 0;
	}
	while (list->items[nbefore].end <= creation)
		nbefore++;
	memmove(list->items, list->items + nbefore, (list->n - nbefore) * sizeof *list->items);
	list->n -= nbefore;
	list->items[0].begin = creation;
	struct schedule_line *line = schedule_add(builder->schedule, CHOICE_TASK, name_of(builder, &list->items[0]));
	if (line == NULL)
		return -1;
	struct action action = action_of_announce(trace, builder->symbols, performed(builder, creation));
	line->nth = 1;
	return action_describe(&action, line);
}

struct schedule *schedule_from_trace(const struct trace *trace, const struct symbols *symbols)
{
	struct builder builder = {.trace = trace, .symbols = symbols, .schedule = schedule_new()};
	int status = builder.schedule == NULL ? -1 : builder_prepare(&builder);

	if (status == 0)
		status = schedule_set_chooser(builder.schedule, "first");
	if (status == 0 && trace->observed)
		status = begin_observed(&builder);
	if (status == 0)
		status = add_lines(&builder);
	stretch_list_free(&builder.stretches);
	free(builder.next);
	free(builder.born_at);
	if (status != 0) {
		schedule_close(builder.schedule);
		return NULL;
	}
	builder.schedule->observed = trace->observed;
	builder.schedule->has_trace = !trace->observed; /* no execution under control has the hash of real threads */
	builder.schedule->trace = trace->result.hash;
	return builder.schedule;
}
