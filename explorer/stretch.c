#include "stretch.h"

#include <stdlib.h>

enum { MAIN_TASK = 1 };

static struct stretch *add(struct stretch_list *list, struct stretch stretch)
{
	if (list->n == list->capacity) {
		uint32_t capacity = list->capacity ? list->capacity * 2 : 64;
		struct stretch *grown = reallocarray(list->items, capacity, sizeof *grown);
		if (grown == NULL)
			return NULL;
		list->items = grown;
		list->capacity = capacity;
	}
	list->items[list->n] = stretch;
	return &list->items[list->n++];
}

/* Who is merely among those that could time out goes by its time-out; one that the clock has expired is enabled. */
static bool is_chosen_timeout(const struct trace_step *step)
{
	return step->timed != NULL && task_set_has(step->timed, step->task);
}

static int add_step(struct stretch_list *list, const struct trace *trace, uint32_t index)
{
	const struct trace_step *step = &trace->steps[index];
	struct stretch *last = list->n > 0 ? &list->items[list->n - 1] : NULL;
	bool timeout = is_chosen_timeout(step);

	if (!timeout && last != NULL && last->kind == STRETCH_RUN && last->task == step->task && last->end == index) {
		last->end++;
		return 0;
	}
	struct stretch stretch = {
		.kind = timeout ? STRETCH_TIMEOUT : STRETCH_RUN,
		.task = step->task,
		.begin = index,
		.end = index + 1,
	};
	return add(list, stretch) != NULL ? 0 : -1;
}

/* The step within which a value was chosen is cut off from its run: the value's line makes it. */
static int add_value(struct stretch_list *list, const struct trace *trace, uint32_t value)
{
	const struct trace_value_choice *choice = &trace->value_choices[value];
	struct stretch *last = list->n > 0 ? &list->items[list->n - 1] : NULL;
	struct stretch stretch = {
		.kind = STRETCH_VALUE, .task = choice->task, .begin = choice->at_step, .end = choice->at_step, .value = value,
	};

	if (last != NULL && last->kind == STRETCH_RUN && last->end == choice->at_step) {
		stretch.begin--;
		if (--last->end == last->begin)
			list->n--;
	}
	return add(list, stretch) != NULL ? 0 : -1;
}

static int add_values(struct stretch_list *list, const struct trace *trace, uint32_t at_step, uint32_t *next)
{
	for (; *next < trace->nvalue_choices && trace->value_choices[*next].at_step <= at_step; ++*next) {
		const struct trace_value_choice *choice = &trace->value_choices[*next];
		if (choice->taken != choice->normal && choice->at_step == at_step && add_value(list, trace, *next) != 0)
			return -1;
	}
	return 0;
}

/* What is known of each task while its pieces are looked at. */
struct past {
	bool preempted[LIMIT_TASKS]; /* the last time it went */
	bool yielded[LIMIT_TASKS];   /* with its last step */
};

/* Keep who has the turn, else the lowest; those who have just yielded come last. As chooser/first.c. */
static uint32_t choose_first(const struct past *past, const struct trace_step *step)
{
	uint32_t lowest = 0;

	if (step->previous != 0 && task_set_has(step->enabled, step->previous) && !past->yielded[step->previous])
		return step->previous;
	for (uint32_t word = 0; word < TASK_WORDS; word++)
		for (uint64_t bits = step->enabled->words[word]; bits != 0; bits &= bits - 1) {
			uint32_t task = word * 64 + (uint32_t)__builtin_ctzll(bits);
			if (!past->yielded[task])
				return task;
			lowest = lowest != 0 ? lowest : task;
		}
	return lowest;
}

static bool is_polite(const struct request *request)
{
	return (op_info(request->op)->flags & ACT_YIELD) && !(request->flags & REQUEST_HOLD);
}

static bool look_at_steps(struct past *past, const struct trace *trace, const struct stretch *stretch)
{
	bool first = true;

	for (uint32_t i = stretch->begin; i < stretch->end; i++) {
		const struct trace_step *step = &trace->steps[i];
		if (step->enabled != NULL && (is_chosen_timeout(step) || choose_first(past, step) != step->task))
			first = false;
		past->yielded[step->task] = is_polite(&trace_step_announce(trace, i)->request);
	}
	return first;
}

/* Whether a task was preempted at the end of a piece is seen at the first step of the next. */
static bool is_preempted_at(const struct trace *trace, uint32_t step, uint16_t task)
{
	const struct trace_step *next = &trace->steps[step];

	return step < trace->nsteps && next->enabled != NULL && next->previous == task && next->task != task &&
		(next->flags & STEP_PREEMPTION) && task_set_has(next->enabled, task);
}

static int look_at_all(struct stretch_list *list, const struct trace *trace)
{
	struct past *past = calloc(1, sizeof *past);

	if (past == NULL)
		return -1;
	for (uint32_t i = 0; i < list->n; i++) {
		struct stretch *stretch = &list->items[i];
		stretch->first = look_at_steps(past, trace, stretch);
		stretch->resumes = past->preempted[stretch->task];
		stretch->preempted = is_preempted_at(trace, stretch->end, stretch->task);
		past->preempted[stretch->task] = stretch->preempted;
	}
	free(past);
	return 0;
}

int stretch_list_fill(struct stretch_list *list, const struct trace *trace)
{
	uint32_t next_value = 0;

	if (add_values(list, trace, 0, &next_value) != 0)
		return -1;
	for (uint32_t step = 0; step < trace->nsteps; step++)
		if (add_step(list, trace, step) != 0 || add_values(list, trace, step + 1, &next_value) != 0)
			return -1;
	return look_at_all(list, trace);
}

void stretch_list_free(struct stretch_list *list)
{
	free(list->items);
	*list = (struct stretch_list){0};
}

uint32_t stretch_list_chosen(const struct stretch_list *list)
{
	uint32_t n = list->n;

	while (n > 0 && list->items[n - 1].kind == STRETCH_RUN && list->items[n - 1].first)
		n--;
	return n;
}

uint32_t stretch_list_said(const struct stretch_list *list)
{
	uint32_t n = stretch_list_chosen(list);

	while (n > 0 && n < list->n && list->items[n].resumes && list->items[n].task != MAIN_TASK)
		n++;
	return n;
}
