#include "view.h"

#include <stdlib.h>
#include <string.h>

#include "action.h"
#include "shared/model/model.h"

enum { NEIGHBOURS = 20 };

static uint32_t task_count(const struct world *world)
{
	return world->ntasks < LIMIT_TASKS ? world->ntasks : LIMIT_TASKS - 1;
}

/* Those that a person calls so: no ended ones, no timers. */
static bool is_shown(const struct task *task)
{
	return task->state != TASK_FREE && task->state != TASK_ENDED && !(task->flags & TASK_TIMER);
}

static bool is_blocked(const struct world *world, const struct task *task)
{
	return task->state == TASK_READY && !model_enabled(world, task);
}

static void clear_line(struct schedule_line *line)
{
	free(line->object);
	free(line->text);
	free(line->function);
}

/* In the words of a schedule line. */
static void print_pending(const struct control *control, const struct symbols *symbols, uint32_t id, FILE *out)
{
	struct action action = action_of_task(control, symbols, id);
	struct schedule_line line = {.nth = 1};

	if (action_describe(&action, &line) == 0)
		schedule_print_what(&line, out);
	clear_line(&line);
}

static void print_object(const struct control *control, const struct symbols *symbols, uint32_t id, FILE *out)
{
	struct request request = {.object = id};
	struct action action = {.request = &request, .control = control, .symbols = symbols};
	struct schedule_line line = {.nth = 1};

	if (action_describe(&action, &line) == 0)
		schedule_print_what(&line, out);
	clear_line(&line);
}

static const char *state_text(const struct world *world, const struct task *task)
{
	switch (task->state) {
	case TASK_RUNNING: return "runs";
	case TASK_READY: return is_blocked(world, task) ? "waits" : "ready";
	case TASK_LAPSED: return "outside";
	case TASK_RETURNED: return "returned";
	default: return "ended";
	}
}

/* Between two points the running task has done what it announced last. */
static const char *tense_of(const struct control *control, const struct task *task)
{
	if (task->state == TASK_LAPSED)
		return "is in";
	return task->state == TASK_RUNNING && !control->debugger.paused ? "has passed" : "about to";
}

static void print_holds(const struct control *control, const struct symbols *symbols, const struct task *task,
	FILE *out)
{
	for (uint32_t i = 0; i < task->nholds && i < LIMIT_HOLDS; i++) {
		fputs(i ? "," : "; holds", out);
		print_object(control, symbols, task->holds[i].object, out);
	}
}

void view_tasks(const struct control *control, const struct symbols *symbols, FILE *out)
{
	const struct world *world = &control->world;

	for (uint32_t id = 1; id <= task_count(world); id++) {
		const struct task *task = &world->tasks[id];
		if (!is_shown(task))
			continue;
		fprintf(out, "%c %-16.*s LWP %-8d %-9s", task->state == TASK_RUNNING ? '*' : ' ', LIMIT_NAME_BYTES - 1,
			task->name, task->tid, state_text(world, task));
		fprintf(out, "%s", tense_of(control, task));
		print_pending(control, symbols, id, out);
		print_holds(control, symbols, task, out);
		fputc('\n', out);
	}
}

static uint32_t print_holders(const struct world *world, uint32_t object, FILE *out)
{
	uint32_t n = 0;

	for (uint32_t id = 1; id <= task_count(world); id++) {
		const struct task *task = &world->tasks[id];
		if (task->state == TASK_FREE || !world_held(task, object))
			continue;
		fprintf(out, "%s %.*s%s", n++ ? "," : ", held by", LIMIT_NAME_BYTES - 1, task->name,
			task->state == TASK_ENDED ? " (which has ended)" : "");
	}
	return n;
}

/* Objects that are nobody's: what it takes to go on. */
static void print_condition(const struct world *world, const struct object *object, FILE *out)
{
	uint32_t owner = object->owner < LIMIT_TASKS ? object->owner : 0;

	if (object->kind == OBJECT_TASK && owner)
		fprintf(out, ", until %.*s has ended", LIMIT_NAME_BYTES - 1, world->tasks[owner].name);
	else if (object->kind == OBJECT_ONCE && owner)
		fprintf(out, ", which %.*s runs", LIMIT_NAME_BYTES - 1, world->tasks[owner].name);
	else if (object->kind == OBJECT_BARRIER)
		fprintf(out, ", where %u of %u have arrived", object->count, object->limit);
	else if (object->kind == OBJECT_SEM)
		fprintf(out, ", until somebody posts it");
	else if (object->kind == OBJECT_COND || object->kind == OBJECT_FUTEX)
		fprintf(out, ", until somebody wakes it");
}

/* Who was woken, or whose time is over, only needs the mutex again. */
static uint32_t awaited_object(const struct task *task)
{
	const struct request *request = &task->pending;
	bool over = request->op == OP_COND_WAKE && task->flags & (TASK_WOKEN | TASK_EXPIRED);
	uint32_t id = over ? request->second : request->object;

	return id < LIMIT_OBJECTS ? id : 0;
}

void view_waits(const struct control *control, const struct symbols *symbols, FILE *out)
{
	const struct world *world = &control->world;
	uint32_t n = 0;

	for (uint32_t id = 1; id <= task_count(world); id++) {
		const struct task *task = &world->tasks[id];
		if (!is_shown(task) || !is_blocked(world, task))
			continue;
		uint32_t object = awaited_object(task);
		fprintf(out, "%.*s waits:", LIMIT_NAME_BYTES - 1, task->name);
		print_pending(control, symbols, id, out);
		if (!print_holders(world, object, out))
			print_condition(world, &world->objects[object], out);
		fputc('\n', out);
		n++;
	}
	if (n == 0)
		fputs("no task waits for another\n", out);
}

void view_schedule(const struct schedule *schedule, uint32_t line, FILE *out)
{
	uint32_t first = line > NEIGHBOURS ? line - NEIGHBOURS : 1;
	uint32_t last = schedule->nlines - (line < schedule->nlines ? line : schedule->nlines) > NEIGHBOURS ?
		line + NEIGHBOURS : schedule->nlines;

	if (first > 1)
		fprintf(out, "   (%u lines before)\n", first - 1);
	for (uint32_t number = first; number <= last; number++) {
		fprintf(out, "%s %3u  ", number == line ? "=>" : "  ", number);
		schedule_print_line(&schedule->lines[number - 1], out);
	}
	if (last < schedule->nlines)
		fprintf(out, "   (%u lines behind)\n", schedule->nlines - last);
	if (line > schedule->nlines)
		fputs("=> all lines have been met\n", out);
}

void view_place(const struct control *control, const struct schedule *schedule, uint32_t line, FILE *out)
{
	const struct debugger *debugger = &control->debugger;

	if (debugger->outcome) {
		fprintf(out, "the execution ends here: %s, %s\n", outcome_text(debugger->outcome),
			outcome_meaning(debugger->outcome));
	} else if (line > schedule->nlines) {
		fprintf(out, "behind the last of %u lines\n", schedule->nlines);
	} else {
		fprintf(out, "%s line %u of %u:\n", debugger->paused && debugger->begins ? "before" : "in", line, schedule->nlines);
		schedule_print_line(&schedule->lines[line - 1], out);
	}
}

int view_print(const char *name, const struct control *control, struct follower_place place, FILE *out)
{
	if (strcmp(name, "tasks") == 0)
		view_tasks(control, place.symbols, out);
	else if (strcmp(name, "waits") == 0)
		view_waits(control, place.symbols, out);
	else if (strcmp(name, "schedule") == 0)
		view_schedule(place.schedule, place.line, out);
	else if (strcmp(name, "place") == 0)
		view_place(control, place.schedule, place.line, out);
	else
		return -1;
	return 0;
}
