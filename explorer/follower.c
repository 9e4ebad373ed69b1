#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "action.h"
#include "demand.h"
#include "follower_private.h"
#include "shared/chooser/chooser.h"

void follower_lose(const struct follower *follower,
	const struct schedule_line *line, const char *format, ...)
{
	FILE *out = *follower->message == '\0' ? fmemopen(follower->message, FOLLOWER_MESSAGE_BYTES, "w") : NULL;
	va_list arguments;

	if (out == NULL)
		return;
	fprintf(out, "line %u: ", line->line != 0 ? line->line : (uint32_t)(line - follower->schedule->lines) + 1);
	demand_print(line, out);
	fputs(" (", out);
	va_start(arguments, format);
	vfprintf(out, format, arguments);
	va_end(arguments);
	fputc(')', out);
	fclose(out);
	follower->message[FOLLOWER_MESSAGE_BYTES - 1] = '\0';
}

/* What can be said about the current line when the target asks who goes. */
enum progress { LINE_MET, LINE_GOES, LINE_TIMES_OUT, LINE_WAITS, LINE_LOST, LINE_LEFT, LINE_OTHER };

/* How many sleeps, and how many yields, a task has before a line of an observed schedule leaves it behind. */
enum { PATIENCE = 100 };

/* Databases that this build doesn't control, and kinds of lines that it can't follow, are said at the start. */
static void refuse_unknown(struct follower *follower)
{
	const struct schedule *schedule = follower->schedule;

	for (uint32_t i = 0; i < schedule->ndatabases; i++)
		if (strstr(schedule->databases[i], "sqlite") == NULL) {
			snprintf(follower->message, FOLLOWER_MESSAGE_BYTES, "db %s: this build controls no such database",
				schedule->databases[i]);
			return;
		}
	for (uint32_t i = 0; i < schedule->nlines; i++)
		if (!follower_can_follow(&schedule->lines[i])) {
			follower_lose(follower, &schedule->lines[i], "this build can't follow '%s' lines",
				choice_word(schedule->lines[i].kind));
			return;
		}
}

struct follower *follower_open(const struct schedule *schedule, const struct symbols *symbols, bool best_effort)
{
	struct follower *follower = calloc(1, sizeof *follower);

	if (follower == NULL || (follower->message = calloc(1, FOLLOWER_MESSAGE_BYTES)) == NULL) {
		free(follower);
		return NULL;
	}
	follower->schedule = schedule;
	follower->symbols = symbols;
	follower->best_effort = best_effort;
	refuse_unknown(follower);
	return follower;
}

/* The live task of this name, else one of that name that has ended, else 0. Names are unique among the living. */
static uint32_t find_task(const struct world *world, const char *name)
{
	uint32_t ntasks = world->ntasks < LIMIT_TASKS ? world->ntasks : LIMIT_TASKS - 1, ended = 0;

	for (uint32_t id = 1; id <= ntasks; id++) {
		const struct task *task = &world->tasks[id];
		if (task->state == TASK_FREE || strncmp(task->name, name, LIMIT_NAME_BYTES) != 0)
			continue;
		if (task->state != TASK_ENDED)
			return id;
		ended = id;
	}
	return ended;
}

const struct schedule_line *follower_line(const struct follower *follower)
{
	const struct schedule *schedule = follower->schedule;

	return follower->cursor < schedule->nlines ? &schedule->lines[follower->line] : NULL;
}

static void forget_task(struct follower *follower)
{
	follower->task = follower->nops = follower->nmatched = follower->npatience = 0;
}

/* After a line that was owed comes the next of its task, or else the one whose turn it is. */
void follower_advance(struct follower *follower)
{
	const struct schedule_line *lines = follower->schedule->lines, *met = &lines[follower->line];

	follower->arrears.tasks[follower->task].line = 0;
	forget_task(follower);
	if (follower->line == follower->cursor) {
		follower->line = ++follower->cursor;
		return;
	}
	do
		follower->line++;
	while (follower->line < follower->cursor && strcmp(lines[follower->line].task, met->task) != 0);
}

void follower_restart(struct follower *follower)
{
	follower->finished = false;
	follower->cursor = follower->line = 0;
	forget_task(follower);
	follower->arrears = (struct arrears){0};
	follower->message[0] = '\0';
	refuse_unknown(follower);
}

static void owe(struct follower *follower)
{
	follower->arrears.tasks[follower->task] =
		(struct arrear){.line = follower->line + 1, .nops = follower->nops, .nmatched = follower->nmatched};
	forget_task(follower);
}

static void pay(struct follower *follower, uint32_t task)
{
	const struct arrear *arrear = &follower->arrears.tasks[task];

	follower->task = task;
	follower->line = arrear->line - 1;
	follower->nops = arrear->nops;
	follower->nmatched = arrear->nmatched;
	follower->npatience = 0;
}

/* What its task was already about to do doesn't count for `run`, but is what `timeout` is about. */
static bool counts_pending(const struct follower *follower, const struct schedule_line *line)
{
	return line->kind == CHOICE_TIMEOUT || (follower->schedule->observed && follower->line == 0);
}

const struct schedule_line *follower_take_up(struct follower *follower, const struct world *world)
{
	const struct schedule_line *line = follower_line(follower);

	if (line == NULL || follower->task != 0)
		return line;
	follower->task = find_task(world, line->task);
	if (follower->task != 0 && follower->arrears.tasks[follower->task].line != 0)
		pay(follower, follower->task);
	else
		follower->nops = world->tasks[follower->task].nops - counts_pending(follower, line);
	return follower_line(follower);
}

/* Counts what the line's task has announced since; true when it is what the line says, for the nth time. */
bool follower_notice(struct follower *follower, const struct control *control, const struct schedule_line *line)
{
	const struct task *task = &control->world.tasks[follower->task];

	if (task->nops == follower->nops || task->state == TASK_ENDED)
		return false;
	follower->nops = task->nops;
	struct action action = action_of_task(control, follower->symbols, follower->task);
	return action_matches(&action, line) && ++follower->nmatched == line->nth;
}

static enum progress lose_ended(const struct follower *follower, const struct schedule_line *line,
	const struct task *task)
{
	follower_lose(follower, line, "it ended after %u operations", task->nops);
	return LINE_LOST;
}

static enum progress lose_blocked(const struct follower *follower, const struct control *control,
	const struct schedule_line *line)
{
	struct schedule_line pending = {.nth = 1};
	struct action action = action_of_task(control, follower->symbols, follower->task);
	char what[256] = "";
	FILE *out = action_describe(&action, &pending) == 0 ? fmemopen(what, sizeof what, "w") : NULL;

	if (out != NULL) {
		schedule_print_what(&pending, out);
		fclose(out);
	}
	follower_lose(follower, line, "it can't go on:%.*s", (int)sizeof what - 1, what);
	free(pending.object);
	free(pending.text);
	free(pending.function);
	return LINE_LOST;
}

static bool is_empty(const struct task_set *set)
{
	for (uint32_t word = 0; word < TASK_WORDS; word++)
		if (set->words[word] != 0)
			return false;
	return true;
}

/*
 * The task must wait for what observing has seen: whoever owes something goes first. If nobody who does can, a later line
 * may help.
 */
static enum progress ask_others(struct follower *follower, const struct control *control,
	const struct schedule_line *line)
{
	uint32_t other = arrears_find(&follower->arrears, follower->task, &control->ask);

	if (other == 0)
		return arrears_are_none(&follower->arrears, follower->task) ? lose_blocked(follower, control, line) : LINE_LEFT;
	owe(follower);
	pay(follower, other);
	return LINE_OTHER;
}

/* Its wait is about something that observing does not see, or it does so again and again without end. */
static enum progress go_on_observed(struct follower *follower, const struct control *control,
	const struct schedule_line *line)
{
	const struct request *request = &control->world.tasks[follower->task].pending;
	bool enabled = task_set_has(&control->ask.enabled, follower->task), sleeps = request->flags & REQUEST_HOLD;

	if (!enabled && arrears_is_placed(request))
		return ask_others(follower, control, line);
	if ((sleeps || request->op == OP_YIELD) && ++follower->npatience > PATIENCE)
		return LINE_LEFT;
	if (enabled)
		return LINE_GOES;
	bool due = sleeps || follower->line < follower->cursor || is_empty(&control->ask.enabled);
	return due && task_set_has(&control->ask.waiting, follower->task) ? LINE_GOES : LINE_LEFT;
}

/* The task goes on, if it can. */
static enum progress go_on(struct follower *follower, const struct control *control,
	const struct schedule_line *line)
{
	const struct ask *ask = &control->ask;

	if (follower->schedule->observed)
		return go_on_observed(follower, control, line);
	if (task_set_has(&ask->enabled, follower->task))
		return LINE_GOES;
	if (task_set_has(&ask->timed, follower->task) && is_empty(&ask->enabled))
		return LINE_GOES;
	return lose_blocked(follower, control, line);
}

static enum progress progress_of_run(struct follower *follower, const struct control *control,
	const struct schedule_line *line)
{
	const struct task *task = &control->world.tasks[follower->task];

	if (task->state == TASK_ENDED)
		return line->ended ? LINE_MET : lose_ended(follower, line, task);
	if (task->state == TASK_LAPSED && follower->schedule->observed)
		return LINE_LEFT;
	if (task->state == TASK_LAPSED || (follower_notice(follower, control, line) && !line->ended))
		return LINE_MET;
	return go_on(follower, control, line);
}

/* Could its wait end by time now: because that is chosen, or because the clock has come so far? */
static bool can_time_out(const struct control *control, uint32_t id)
{
	const struct task *task = &control->world.tasks[id];
	bool is_over = (task->flags & TASK_EXPIRED) ||
		((task->pending.flags & REQUEST_HOLD) && task->pending.deadline_ns <= control->world.now_ns);

	return task_set_has(&control->ask.timed, id) || (is_over && task_set_has(&control->ask.enabled, id));
}

/*
 * The same in an observed schedule. Who was told meanwhile, though its time was up when it was, goes all the same: that
 * happened at once, and stamps don't tell.
 */
static enum progress progress_of_observed(struct follower *follower, const struct control *control,
	const struct schedule_line *line)
{
	struct action action = action_of_task(control, follower->symbols, follower->task);

	if (follower->nmatched < line->nth || !action_matches(&action, line))
		return go_on(follower, control, line);
	if (task_set_has(&control->ask.waiting, follower->task) || task_set_has(&control->ask.enabled, follower->task))
		return LINE_TIMES_OUT;
	return ask_others(follower, control, line);
}

static enum progress progress_of_timeout(struct follower *follower, const struct control *control,
	const struct schedule_line *line)
{
	const struct task *task = &control->world.tasks[follower->task];

	if (task->state == TASK_ENDED)
		return lose_ended(follower, line, task);
	follower_notice(follower, control, line);
	if (follower->schedule->observed)
		return progress_of_observed(follower, control, line);
	struct action action = action_of_task(control, follower->symbols, follower->task);
	if (follower->nmatched < line->nth || !action_matches(&action, line))
		return LINE_WAITS;
	return can_time_out(control, follower->task) ? LINE_TIMES_OUT : LINE_WAITS;
}

static enum progress progress_of_value(struct follower *follower, const struct control *control,
	const struct schedule_line *line)
{
	const struct task *task = &control->world.tasks[follower->task];

	if (task->state == TASK_ENDED)
		return lose_ended(follower, line, task);
	return task->state == TASK_LAPSED ? LINE_WAITS : go_on(follower, control, line);
}

static enum progress progress_of(struct follower *follower, const struct control *control,
	const struct schedule_line *line)
{
	if (!follower_can_follow(line))
		return LINE_LOST;
	if (follower->task == 0)
		return LINE_WAITS;
	switch (line->kind) {
	case CHOICE_TASK: return progress_of_run(follower, control, line);
	case CHOICE_TIMEOUT: return progress_of_timeout(follower, control, line);
	default: return progress_of_value(follower, control, line);
	}
}

static const struct plan *plan_of(const struct control *control)
{
	return &control->slots[control->current_slot % CONTROL_SLOTS].plan;
}

/* Nobody can go, so it is the clock that goes on. */
static uint32_t find_earliest(const struct world *world, const struct task_set *timed)
{
	uint32_t found = world_nth(world, timed, 0);

	for (uint32_t nth = 1; world_nth(world, timed, nth) != 0; nth++) {
		uint32_t task = world_nth(world, timed, nth);
		if (world->tasks[task].pending.deadline_ns < world->tasks[found].pending.deadline_ns)
			found = task;
	}
	return found;
}

/* As the target would have chosen by itself: by `first` between the lines, by the plan's chooser after the last. */
static void answer_by_chooser(const struct follower *follower, struct control *control)
{
	struct ask *ask = &control->ask;
	const struct plan *plan = plan_of(control);
	struct decision decision = {.enabled = ask->enabled, .timed = ask->timed};
	uint32_t nenabled = world_count(&control->world, &ask->enabled);
	uint32_t ntimed = world_count(&control->world, &ask->timed);

	if (nenabled == 0 && ntimed > 0) {
		ask->answer = find_earliest(&control->world, &ask->timed);
		ask->timeout = true;
		return;
	}
	if (nenabled + ntimed < 2) {
		ask->answer = world_nth(&control->world, &ask->enabled, 0);
		return;
	}
	decision.nalternatives = nenabled + ntimed;
	decision.nenabled = nenabled;
	decision.ntimed = ntimed;
	const struct chooser *chooser = chooser_of(follower_line(follower) != NULL ? CHOOSER_FIRST : plan->chooser);
	chooser->choose(&control->world, plan, ask->task, &decision);
	ask->answer = decision.task;
	ask->timeout = decision.timeout;
}

static void answer_by_line(struct follower *follower, struct control *control, bool times_out)
{
	struct ask *ask = &control->ask;

	ask->answer = follower->task;
	ask->timeout = !task_set_has(&ask->enabled, follower->task);
	if (times_out)
		follower_advance(follower);
}

/* Its line has had its turn; the task meets it later. */
static void leave(struct follower *follower)
{
	owe(follower);
	follower->line = ++follower->cursor;
}

static void answer_task(struct follower *follower, struct control *control)
{
	const struct schedule_line *line;
	uint32_t nothers = 0;

	while ((line = follower_take_up(follower, &control->world)) != NULL) {
		enum progress progress = progress_of(follower, control, line);
		if (progress == LINE_OTHER && ++nothers > LIMIT_TASKS)
			progress = LINE_LEFT; /* each of them waits for another */
		if (progress == LINE_GOES || progress == LINE_TIMES_OUT) {
			answer_by_line(follower, control, progress == LINE_TIMES_OUT);
			return;
		}
		if (progress == LINE_WAITS)
			break;
		if (progress == LINE_LOST && !follower->best_effort) {
			control->ask.diverged = 1;
			return;
		}
		if (progress == LINE_LEFT)
			leave(follower);
		else if (progress != LINE_OTHER)
			follower_advance(follower);
	}
	answer_by_chooser(follower, control);
}

void follower_answer(struct follower *follower, struct control *control)
{
	struct ask *ask = &control->ask;

	ask->answer = ask->timeout = ask->diverged = 0;
	if (ask->task >= LIMIT_TASKS || (*follower->message != '\0' && !follower->best_effort)) {
		ask->diverged = 1;
		return;
	}
	if (ask->kind == CHOICE_TASK)
		answer_task(follower, control);
	else
		follower_answer_value(follower, control);
}

struct follower_place follower_place(const struct follower *follower)
{
	return (struct follower_place){follower->schedule, follower->symbols, follower->cursor + 1};
}

void follower_close(struct follower *follower)
{
	if (follower == NULL)
		return;
	free(follower->message);
	free(follower);
}
