#include "action.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Longest name of a variable or function that a schedule repeats. */
enum { NAME_BYTES = 256 };

struct action action_of_announce(const struct trace *trace, const struct symbols *symbols, uint32_t announce)
{
	const struct trace_announce *it = &trace->announces[announce];

	return (struct action){
		.request = &it->request,
		.task = it->task,
		.process = trace->tasks[it->task].process,
		.trace = trace,
		.symbols = symbols,
	};
}

struct action action_of_task(const struct control *control, const struct symbols *symbols, uint32_t task)
{
	const struct task *it = &control->world.tasks[task];

	return (struct action){
		.request = &it->pending,
		.task = (uint16_t)task,
		.process = it->process,
		.control = control,
		.symbols = symbols,
	};
}

void action_about(struct action_about *about, const struct action *action, uint32_t object)
{
	about->request = *action->request;
	about->action = *action;
	about->action.request = &about->request;
	if (object == 0)
		return;
	about->request.object = object;
	about->request.statement = 0;
}

static uint32_t count_objects(const struct action *action)
{
	if (action->trace != NULL)
		return action->trace->nobjects;
	uint32_t n = action->control->world.nobjects;
	return n < LIMIT_OBJECTS ? n : LIMIT_OBJECTS - 1;
}

static uint16_t kind_of(const struct action *action, uint32_t id)
{
	return action->trace != NULL ? action->trace->objects[id].kind : action->control->world.objects[id].kind;
}

static uint32_t rank_in_kind(const struct action *action, uint32_t id)
{
	uint16_t kind = kind_of(action, id);
	uint32_t rank = 0;

	if (action->trace != NULL && action->trace->objects[id].rank != 0)
		return action->trace->objects[id].rank;
	for (uint32_t i = 1; i <= id; i++)
		rank += kind_of(action, i) == kind;
	return rank;
}

/* Is this the task's own object, or that of the process whose first task it is? Those have its index as address. */
static bool is_of_task(const struct trace *trace, uint32_t id, const struct trace_task *task)
{
	const struct trace_object *object = &trace->objects[id];

	if (object->kind == OBJECT_PROCESS)
		return (task->flags & TASK_MAIN) && task->process == object->address;
	return task->object == id;
}

/* The name of the task whose own object this is, NULL when it is none's. */
static const char *task_of_object(const struct action *action, uint32_t id)
{
	if (action->trace != NULL) {
		for (uint32_t i = 1; i <= action->trace->ntasks; i++)
			if (is_of_task(action->trace, id, &action->trace->tasks[i]))
				return action->trace->tasks[i].name;
		return NULL;
	}
	uint16_t owner = action->control->world.objects[id].owner;
	if (owner == 0 || owner >= LIMIT_TASKS)
		return NULL;
	const char *name = action->control->world.tasks[owner].name;
	return memchr(name, '\0', LIMIT_NAME_BYTES) != NULL ? name : NULL;
}

/* The variable's name. Objects of no process have no address: they are shared, or not in memory. */
static const char *variable_of(const struct action *action, uint32_t id)
{
	uint16_t process;
	uint64_t address;

	if (action->trace != NULL) {
		process = action->trace->objects[id].process;
		address = action->trace->objects[id].address;
	} else {
		process = action->control->world.objects[id].process;
		address = action->control->world.objects[id].address;
	}
	return process != 0 ? symbols_data(action->symbols, process, address) : NULL;
}

static uint32_t object_of(const struct action *action)
{
	uint32_t id = action->request->object;

	return id <= count_objects(action) ? id : 0;
}

/* A task's own object, or its process's, says nothing: it is the task of the line. */
static bool is_own(const struct action *action, uint32_t id)
{
	if (action->trace != NULL) {
		const struct trace_object *object = &action->trace->objects[id];
		return action->trace->tasks[action->task].object == id ||
			(object->kind == OBJECT_PROCESS && object->address == action->process);
	}
	const struct world *world = &action->control->world;
	return world->tasks[action->task].object == id ||
		(action->process < LIMIT_PROCESSES && world->processes[action->process].object == id);
}

/* NULL: it has no name but its rank. */
static const char *name_of(const struct action *action, uint32_t id)
{
	uint16_t kind = kind_of(action, id);
	const char *name =
		kind == OBJECT_TASK || kind == OBJECT_PROCESS ? task_of_object(action, id) : variable_of(action, id);

	return name != NULL && *name != '\0' ? name : NULL;
}

static void rank_of(const struct action *action, uint32_t id, char *buffer, size_t nbytes)
{
	snprintf(buffer, nbytes, "%s#%u", object_kind_text(kind_of(action, id)), rank_in_kind(action, id));
}

static const char *live_text(const struct control *control, uint32_t statement)
{
	if (statement >= LIMIT_STATEMENTS)
		return "";
	uint32_t text = control->statements[statement].text;
	uint32_t used = control->text_used < LIMIT_TEXT_BYTES ? control->text_used : LIMIT_TEXT_BYTES;
	if (text >= used || memchr(control->text + text, '\0', used - text) == NULL)
		return "";
	return control->text + text;
}

/* "" when it carries none. */
static const char *text_of(const struct action *action)
{
	uint32_t statement = action->request->statement;

	if (statement == 0)
		return "";
	if (action->trace != NULL)
		return trace_statement_text(action->trace, statement);
	return live_text(action->control, statement);
}

/* Births and ends are no calls in the task's code. */
static const char *function_of(const struct action *action)
{
	struct symbol symbol;

	if (action->request->op == OP_BEGIN || action->request->op == OP_EXIT)
		return NULL;
	symbols_code(action->symbols, action->process, action->request->site, &symbol);
	return symbol.function != NULL && *symbol.function != '\0' ? symbol.function : NULL;
}

static uint64_t hash_text(const char *text)
{
	return SCHEDULE_TEXT_CUT | (uint32_t)XXH64(text, strlen(text), 0);
}

/* Where to cut: never within a UTF-8 sequence. */
static size_t cut_at(const char *text)
{
	size_t at = SCHEDULE_TEXT_BYTES;

	while (at > SCHEDULE_TEXT_BYTES - 4 && ((unsigned char)text[at] & 0xc0) == 0x80)
		at--;
	return at;
}

static int describe_text(struct schedule_line *line, const char *text)
{
	if (strlen(text) <= SCHEDULE_TEXT_BYTES) {
		line->text = strdup(text);
	} else {
		line->text = strndup(text, cut_at(text));
		line->text_hash = hash_text(text);
	}
	return line->text == NULL ? -1 : 0;
}

static int describe_object(const struct action *action, struct schedule_line *line)
{
	uint32_t id = object_of(action);
	char rank[NAME_BYTES];

	if (id == 0 || is_own(action, id))
		return 0;
	const char *name = name_of(action, id);
	if (name == NULL && action->trace != NULL && action->trace->observed)
		return 0;
	if (name == NULL)
		rank_of(action, id, rank, sizeof rank);
	line->object = strdup(name != NULL ? name : rank);
	return line->object == NULL ? -1 : 0;
}

int action_describe(const struct action *action, struct schedule_line *line)
{
	const char *text = text_of(action), *function = function_of(action);

	line->op = action->request->op;
	if (*text != '\0' ? describe_text(line, text) != 0 : describe_object(action, line) != 0)
		return -1;
	if (function != NULL && (line->function = strndup(function, NAME_BYTES)) == NULL)
		return -1;
	return 0;
}

static bool text_matches(const char *text, const struct schedule_line *line)
{
	size_t length = strlen(line->text);

	if (line->text_hash == 0)
		return strcmp(text, line->text) == 0;
	return strncmp(text, line->text, length) == 0 && hash_text(text) == line->text_hash;
}

static bool object_matches(const struct action *action, const char *object)
{
	uint32_t id = object_of(action);
	char rank[NAME_BYTES];

	if (id == 0)
		return false;
	const char *name = name_of(action, id);
	if (name != NULL && strcmp(name, object) == 0)
		return true;
	rank_of(action, id, rank, sizeof rank);
	return strcmp(rank, object) == 0;
}

static bool function_matches(const struct action *action, const char *function)
{
	const char *name = function_of(action);

	return name != NULL && strncmp(name, function, NAME_BYTES) == 0;
}

bool action_matches(const struct action *action, const struct schedule_line *line)
{
	return (line->op == OP_NONE || line->op == action->request->op) &&
		(line->text == NULL || text_matches(text_of(action), line)) &&
		(line->function == NULL || action->symbols == NULL || function_matches(action, line->function)) &&
		(line->object == NULL || object_matches(action, line->object));
}
