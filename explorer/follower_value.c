#include <stdlib.h>
#include <string.h>

#include "action.h"
#include "follower_private.h"
#include "shared/chooser/chooser.h"

static bool is_number(const char *text)
{
	return *text != '\0' && text[strspn(text, "0123456789")] == '\0' && strlen(text) < 10;
}

/* FAULT_COUNT: there is none of that name. */
static uint32_t find_fault(const char *name)
{
	uint32_t fault = FAULT_NONE + 1;

	while (fault < FAULT_COUNT && strcmp(choice_fault_word(fault), name) != 0)
		fault++;
	return fault;
}

/* Values of kinds that have no words here yet can still be chosen by number. */
bool follower_can_follow(const struct schedule_line *line)
{
	switch (line->kind) {
	case CHOICE_TASK: case CHOICE_TIMEOUT: case CHOICE_WAKE: case CHOICE_BUSY: case CHOICE_VICTIM: return true;
	case CHOICE_EVENT: case CHOICE_HOLD: return line->object != NULL;
	case CHOICE_FAULT: return find_fault(line->answer) < FAULT_COUNT || is_number(line->answer);
	default: return is_number(line->answer);
	}
}

static const struct plan *plan_of(const struct control *control)
{
	return &control->slots[control->current_slot % CONTROL_SLOTS].plan;
}

/* The position in waiting order of the task that is to wake, or n. */
static uint32_t find_waiter(const struct control *control, const char *name)
{
	const struct world *world = &control->world;
	const struct request *request = &world->tasks[control->ask.task].pending;
	uint16_t op = request->op == OP_COND_SIGNAL ? OP_COND_WAKE : OP_FUTEX_WAIT;

	for (uint32_t nth = 0; nth < control->ask.n; nth++) {
		uint32_t waiter = world_waiter(world, request->object, op, nth);
		if (waiter != 0 && strncmp(world->tasks[waiter].name, name, LIMIT_NAME_BYTES) == 0)
			return nth;
	}
	return control->ask.n;
}

/* The value that a line means, or n and a message. */
static uint32_t value_of(const struct follower *follower, const struct control *control,
	const struct schedule_line *line)
{
	const struct ask *ask = &control->ask;
	uint32_t value = ask->n;

	if (line->kind == CHOICE_BUSY || line->kind == CHOICE_EVENT || line->kind == CHOICE_HOLD)
		return ask->normal == 0 ? 1 : 0;
	if (line->kind == CHOICE_WAKE)
		value = find_waiter(control, line->answer);
	if (line->kind == CHOICE_VICTIM && strcmp(line->answer, choice_victim_word(ask->n - 1)) == 0)
		value = ask->n - 1;
	if (line->kind == CHOICE_FAULT)
		value = find_fault(line->answer);
	if (value >= ask->n && is_number(line->answer))
		value = (uint32_t)strtoul(line->answer, NULL, 10);
	if (value < ask->n)
		return value;
	follower_lose(follower, line, line->kind == CHOICE_WAKE ? "%s does not wait there" : "'%s' is not among what can happen",
		line->answer);
	return ask->n;
}

/* Run lines that are met by what was announced since the last question. */
static void pass_met_lines(struct follower *follower, const struct control *control)
{
	const struct schedule_line *line;

	while ((line = follower_take_up(follower, &control->world)) != NULL && line->kind == CHOICE_TASK &&
		follower->task != 0 && !line->ended && follower_notice(follower, control, line))
		follower_advance(follower);
}

static bool line_decides(struct follower *follower, const struct control *control, const struct schedule_line *line)
{
	if (line == NULL || line->kind != control->ask.kind || !follower_can_follow(line) ||
		follower->task != control->ask.task)
		return false;
	struct action action = action_of_task(control, follower->symbols, follower->task);
	struct action_about about;
	action_about(&about, &action, control->ask.object);
	return action_matches(&about.action, line) && ++follower->nmatched == line->nth;
}

void follower_answer_value(struct follower *follower, struct control *control)
{
	struct ask *ask = &control->ask;

	pass_met_lines(follower, control);
	const struct schedule_line *line = follower_take_up(follower, &control->world);
	const struct chooser *chooser = chooser_of(plan_of(control)->chooser);
	ask->answer = ask->normal;
	if (line == NULL && chooser->value != NULL)
		ask->answer = chooser->value(&control->world, plan_of(control), ask->kind, ask->n, ask->normal);
	if (!line_decides(follower, control, line))
		return;
	uint32_t value = value_of(follower, control, line);
	if (value < ask->n)
		ask->answer = value;
	else if (!follower->best_effort)
		ask->diverged = 1;
	follower_advance(follower);
}
