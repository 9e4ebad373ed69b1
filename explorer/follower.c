#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "action.h"
#include "demand.h"
#include "schedule.h"
#include "shared/chooser/chooser.h"

enum { MESSAGE_BYTES = 1024 };

struct follower {
	const struct schedule *schedule;
	const struct symbols *symbols;
	bool best_effort;
	bool finished;
	uint32_t cursor;  /* the line that is being followed; schedule->nlines: all are behind us */
	uint32_t task;    /* of that line, 0: it has not begun */
	uint32_t nops;    /* announcements of that task that have been looked at */
	uint32_t nmatched;
	char *message;    /* [MESSAGE_BYTES]: the first line that could not be met, "": none so far */
};

/* What can be said about the current line when the target asks who goes. */
enum progress { LINE_MET, LINE_GOES, LINE_TIMES_OUT, LINE_WAITS, LINE_LOST };

static const struct schedule_line *current_line(const struct follower *follower)
{
	const struct schedule *schedule = follower->schedule;

	return follower->cursor < schedule->nlines ? &schedule->lines[follower->cursor] : NULL;
}

static void advance(struct follower *follower)
{
	follower->cursor++;
	follower->task = follower->nops = follower->nmatched = 0;
}

/* Notes why a line can't be met; the first such line counts. */
static __attribute__((format(printf, 3, 4))) void lose(const struct follower *follower,
	const struct schedule_line *line, const char *format, ...)
{
	FILE *out = *follower->message == '\0' ? fmemopen(follower->message, MESSAGE_BYTES, "w") : NULL;
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
	follower->message[MESSAGE_BYTES - 1] = '\0';
}

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
static bool can_follow(const struct schedule_line *line)
{
	switch (line->kind) {
	case CHOICE_TASK: case CHOICE_TIMEOUT: case CHOICE_WAKE: case CHOICE_BUSY: case CHOICE_VICTIM: return true;
	case CHOICE_EVENT: case CHOICE_HOLD: return line->object != NULL;
	case CHOICE_FAULT: return find_fault(line->answer) < FAULT_COUNT || is_number(line->answer);
	default: return is_number(line->answer);
	}
}

/* Databases that this build doesn't control, and kinds of lines that it can't follow, are said at the start. */
static void refuse_unknown(struct follower *follower)
{
	const struct schedule *schedule = follower->schedule;

	for (uint32_t i = 0; i < schedule->ndatabases; i++)
		if (strstr(schedule->databases[i], "sqlite") == NULL) {
			snprintf(follower->message, MESSAGE_BYTES, "db %s: this build controls no such database",
				schedule->databases[i]);
			return;
		}
	for (uint32_t i = 0; i < schedule->nlines; i++)
		if (!can_follow(&schedule->lines[i])) {
			lose(follower, &schedule->lines[i], "this build can't follow '%s' lines",
				choice_word(schedule->lines[i].kind));
			return;
		}
}

void follower_restart(struct follower *follower)
{
	follower->finished = false;
	follower->cursor = 0;
	follower->task = follower->nops = follower->nmatched = 0;
	follower->message[0] = '\0';
	refuse_unknown(follower);
}

struct follower *follower_open(const struct schedule *schedule, const struct symbols *symbols, bool best_effort)
{
	struct follower *follower = calloc(1, sizeof *follower);

	if (follower == NULL || (follower->message = calloc(1, MESSAGE_BYTES)) == NULL) {
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

/*
 * Takes up the current line if its task has been born. What the task was already about to do doesn't count for `run`,
 * but is what `timeout` is about.
 */
static bool begin(struct follower *follower, const struct world *world, const struct schedule_line *line)
{
	if (follower->task == 0) {
		follower->task = find_task(world, line->task);
		follower->nops = world->tasks[follower->task].nops - (line->kind == CHOICE_TIMEOUT);
	}
	return follower->task != 0;
}

/* Counts what the line's task has announced since; true when it is what the line says, for the nth time. */
static bool notice(struct follower *follower, const struct control *control, const struct schedule_line *line)
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
	lose(follower, line, "it ended after %u operations", task->nops);
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
	lose(follower, line, "it can't go on:%.*s", (int)sizeof what - 1, what);
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

/* The task goes on, if it can. */
static enum progress go_on(const struct follower *follower, const struct control *control,
	const struct schedule_line *line)
{
	const struct ask *ask = &control->ask;

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
	if (task->state == TASK_LAPSED || (notice(follower, control, line) && !line->ended))
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

static enum progress progress_of_timeout(struct follower *follower, const struct control *control,
	const struct schedule_line *line)
{
	const struct task *task = &control->world.tasks[follower->task];

	if (task->state == TASK_ENDED)
		return lose_ended(follower, line, task);
	notice(follower, control, line);
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
	if (!can_follow(line))
		return LINE_LOST;
	if (!begin(follower, &control->world, line))
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

/* As the target would have chosen by itself: by `first` between the lines, by the plan's chooser after the last. */
static void answer_by_chooser(const struct follower *follower, struct control *control)
{
	struct ask *ask = &control->ask;
	const struct plan *plan = plan_of(control);
	struct decision decision = {.enabled = ask->enabled, .timed = ask->timed};
	uint32_t nenabled = world_count(&control->world, &ask->enabled);
	uint32_t ntimed = world_count(&control->world, &ask->timed);

	if (nenabled + ntimed < 2) {
		ask->answer = world_nth(&control->world, nenabled ? &ask->enabled : &ask->timed, 0);
		ask->timeout = nenabled == 0;
		return;
	}
	decision.nalternatives = nenabled + ntimed;
	const struct chooser *chooser = chooser_of(current_line(follower) != NULL ? CHOOSER_FIRST : plan->chooser);
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
		advance(follower);
}

static void answer_task(struct follower *follower, struct control *control)
{
	const struct schedule_line *line;

	while ((line = current_line(follower)) != NULL) {
		enum progress progress = progress_of(follower, control, line);
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
		advance(follower);
	}
	answer_by_chooser(follower, control);
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
	lose(follower, line, line->kind == CHOICE_WAKE ? "%s does not wait there" : "'%s' is not among what can happen",
		line->answer);
	return ask->n;
}

/* Run lines that are met by what was announced since the last question. */
static void pass_met_lines(struct follower *follower, const struct control *control)
{
	const struct schedule_line *line;

	while ((line = current_line(follower)) != NULL && line->kind == CHOICE_TASK &&
		begin(follower, &control->world, line) && !line->ended && notice(follower, control, line))
		advance(follower);
}

static bool line_decides(struct follower *follower, const struct control *control, const struct schedule_line *line)
{
	if (line == NULL || line->kind != control->ask.kind || !can_follow(line) ||
		!begin(follower, &control->world, line) || follower->task != control->ask.task)
		return false;
	struct action action = action_of_task(control, follower->symbols, follower->task);
	struct action_about about;
	action_about(&about, &action, control->ask.object);
	return action_matches(&about.action, line) && ++follower->nmatched == line->nth;
}

static void answer_value(struct follower *follower, struct control *control)
{
	struct ask *ask = &control->ask;

	pass_met_lines(follower, control);
	const struct schedule_line *line = current_line(follower);
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
	advance(follower);
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
		answer_value(follower, control);
}

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
		if (action_matches(&action, line) && ++follower->nmatched == line->nth)
			return true;
	}
	return false;
}

static bool met_in_trace(struct follower *follower, const struct trace *trace, const struct schedule_line *line)
{
	bool all_ended = trace->result.outcome == OUTCOME_EXITED || trace->result.outcome == OUTCOME_SIGNALED;
	uint32_t task = follower->task != 0 ? follower->task : find_trace_task(trace, line->task);

	if (line->kind != CHOICE_TASK || task == 0 || task > trace->ntasks)
		return false;
	if (line->ended)
		return all_ended || trace->tasks[task].exited;
	return follower->task != 0 && reached_in_trace(follower, trace, line);
}

void follower_finish(struct follower *follower, const struct trace *trace)
{
	const struct schedule_line *line;

	while ((line = current_line(follower)) != NULL && met_in_trace(follower, trace, line))
		advance(follower);
	follower->finished = true;
	if (line == NULL)
		return;
	if (find_trace_task(trace, line->task) == 0)
		lose(follower, line, "there was no task of that name");
	else
		lose(follower, line, "the execution ended first: %s", outcome_text(trace->result.outcome));
}

const char *follower_divergence(const struct follower *follower)
{
	const struct schedule_line *line = current_line(follower);
	bool is_last = follower->cursor + 1 == follower->schedule->nlines;

	if (line != NULL && !follower->finished && !(line->ended && is_last && follower->task != 0))
		lose(follower, line, "the execution ended first");
	return follower->message;
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
