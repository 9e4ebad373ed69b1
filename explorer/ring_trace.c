#include "ring_trace.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "ring_merge.h"
#include "ring_objects.h"
#include "ring_waits.h"
#include "shared/hash.h"

enum { NONE = ~0U, SHARED_NAME = 63 };

struct writing {
	struct control *control;
	struct ring_merge merge;
	struct ring_objects objects;
	char *bytes;
	size_t nbytes, capacity;
	uint32_t nobjects, nunits;
	uint16_t ntasks;
	uint16_t ids[LIMIT_TASKS];          /* by ring: its task in the trace, 0: not born yet */
	uint32_t own[LIMIT_TASKS];          /* by ring: the task's own object */
	uint32_t ordinals[LIMIT_TASKS];
	bool announced[LIMIT_TASKS], begun[LIMIT_TASKS], returned[LIMIT_TASKS], ended[LIMIT_TASKS];
	struct ring_waits waits;
	bool executes[LIMIT_TASKS];         /* its last operation is one of a database */
	uint32_t processes[LIMIT_PROCESSES]; /* objects */
	uint16_t previous;                  /* task of the last step */
	bool short_of_memory;
};

static void *append(struct writing *writing, uint16_t kind, uint16_t task, size_t nbytes)
{
	size_t rounded = (nbytes + 7) & ~(size_t)7;
	if (writing->nbytes + rounded > writing->capacity) {
		size_t capacity = (writing->nbytes + rounded) * 2 + 65536;
		char *bytes = realloc(writing->bytes, capacity);
		if (!bytes) {
			writing->short_of_memory = true;
			return NULL;
		}
		writing->bytes = bytes;
		writing->capacity = capacity;
	}
	struct record *record = (void *)(writing->bytes + writing->nbytes);
	memset(record, 0, rounded);
	*record = (struct record){.kind = kind, .task = task, .nbytes = (uint32_t)rounded};
	writing->nbytes += rounded;
	return record;
}

/* A text of the target's; it may have been damaged. */
static const char *text_of(const struct writing *writing, uint64_t offset)
{
	const char *text = writing->control->text;
	return offset && offset < LIMIT_TEXT_BYTES && memchr(text + offset, '\0', LIMIT_TEXT_BYTES - offset) ? text + offset : "";
}

static uint32_t object_new(struct writing *writing, uint16_t kind, uint16_t process, uint64_t address, const char *name)
{
	size_t nbytes = strlen(name) + 1;
	struct record_object *record = append(writing, RECORD_OBJECT, 0, sizeof(*record) + nbytes);
	if (!record || writing->nobjects + 1 >= LIMIT_OBJECTS)
		return 0;
	record->id = ++writing->nobjects;
	record->kind = kind;
	record->process = process;
	record->address = address;
	memcpy(record->name, name, nbytes);
	return record->id;
}

static uint32_t object_of(struct writing *writing, uint16_t kind, uint16_t ring, uint64_t address, uint64_t mark)
{
	struct ring_object key = {.address = address, .mark = mark, .kind = kind,
		.process = writing->merge.rings->rings[ring].process};
	const char *name = "";
	bool fresh;
	if (kind == OBJECT_NONE || address == 0)
		return 0;
	if (kind == OBJECT_DATABASE)
		name = text_of(writing, address);
	if (*name || address >> SHARED_NAME)
		key.process = 0;
	if (*name)
		key.address = hash_text(name);
	struct ring_object *object = ring_objects_find(&writing->objects, &key, &fresh);
	if (!object) {
		writing->short_of_memory = true;
		return 0;
	}
	if (!object->id)
		object->id = object_new(writing, kind, key.process, key.address, name);
	return object->id;
}

/* Names as the runtime gives them under control: the routine's, with a number where it is not the first. */
static void name_task(struct writing *writing, uint16_t ring, char *name, size_t nbytes)
{
	const struct rings *rings = writing->merge.rings;
	const char *base = text_of(writing, rings->rings[ring].name);
	uint32_t others = 0;
	if (strchr(base, '/'))
		base = strrchr(base, '/') + 1;
	for (uint32_t i = 1; i <= writing->merge.ntasks; i++)
		others += writing->ids[i] && strcmp(text_of(writing, rings->rings[i].name), text_of(writing, rings->rings[ring].name)) == 0;
	snprintf(name, nbytes, others ? "%.36s#%u" : "%.36s", *base ? base : "thread", others + 1);
}

static void announce(struct writing *writing, uint16_t ring, const struct record_announce *what)
{
	struct record_announce *record = append(writing, RECORD_ANNOUNCE, writing->ids[ring], sizeof(*record));
	if (!record)
		return;
	struct record head = record->head;
	*record = *what;
	record->head = head;
	record->ordinal = writing->ordinals[ring]++;
	writing->announced[ring] = true;
}

/* A wait that its time-out ended has no alternative, but must be told from one that somebody else ended. */
static void mark_timeout(struct record_step *record, uint16_t task)
{
	struct task_set timed = {0};

	task_set_add(&timed, task);
	record->flags = STEP_TIMEOUT;
	record->nalternatives = 2;
	record->nwords = TASK_WORDS;
	memcpy(record->sets + TASK_WORDS, timed.words, sizeof(timed.words));
}

static void step(struct writing *writing, uint16_t ring, const struct record_announce *what, uint64_t time, int64_t result)
{
	uint32_t nwords = result == ETIMEDOUT ? 2 * TASK_WORDS : 0;
	if (!writing->announced[ring])
		announce(writing, ring, what);
	struct record_step *record = append(writing, RECORD_STEP, writing->ids[ring],
		sizeof(*record) + nwords * sizeof(uint64_t));
	if (!record)
		return;
	record->previous = writing->previous;
	record->nalternatives = 1;
	record->now_ns = time;
	if (result == ETIMEDOUT)
		mark_timeout(record, writing->ids[ring]);
	writing->previous = writing->ids[ring];
	writing->announced[ring] = false;
}

static void done(struct writing *writing, uint16_t ring, const struct record_announce *what, int64_t result,
	uint64_t digest)
{
	struct record_done *record = append(writing, RECORD_DONE, writing->ids[ring], sizeof(*record));
	if (!record)
		return;
	record->op = what->op;
	record->object = what->object;
	record->result = result;
	record->digest = digest;
	record->site = what->site;
}

/* A task that is new to the trace. It begins when it first does something. */
static void born(struct writing *writing, uint16_t ring)
{
	const struct ring *entry = &writing->merge.rings->rings[ring];
	uint16_t process = entry->process < LIMIT_PROCESSES ? entry->process : 0;
	char name[LIMIT_NAME_BYTES];
	if (ring == 0 || ring > writing->merge.ntasks || writing->ids[ring])
		return;
	name_task(writing, ring, name, sizeof(name));
	writing->own[ring] = ++writing->nobjects;
	uint16_t parent = entry->parent < LIMIT_TASKS ? writing->ids[entry->parent] : 0;
	struct record_task *record = append(writing, RECORD_TASK, parent, sizeof(*record) + strlen(name) + 1);
	if (!record)
		return;
	bool first = !writing->processes[process];
	writing->ids[ring] = record->id = ++writing->ntasks;
	record->parent = parent;
	record->process = process;
	record->flags = first ? TASK_MAIN : 0;
	record->object = writing->own[ring];
	record->identity = hash_text(name);
	record->start = entry->start;
	strcpy(record->name, name);
	if (first)
		writing->processes[process] = object_new(writing, OBJECT_PROCESS, 0, process, "");
	struct record_announce begin = {.op = OP_BEGIN, .object = writing->own[ring]};
	if (ring > 1)
		announce(writing, ring, &begin);
}

static void begin(struct writing *writing, uint16_t ring, uint64_t time)
{
	struct record_announce what = {.op = OP_BEGIN, .object = writing->own[ring]};
	if (ring == 1 || writing->begun[ring] || !writing->ids[ring])
		return;
	writing->begun[ring] = true;
	step(writing, ring, &what, time, 0);
	done(writing, ring, &what, 0, 0);
}

/* What a moment is, in terms of the trace. */
static struct record_announce request_of(struct writing *writing, const struct ring_moment *moment)
{
	const struct ring_event *event = &moment->event;
	struct record_announce what = {.op = event->op, .site = event->site};
	uint16_t kind = op_info(event->op)->object_kind, ring = moment->task;
	uint64_t mark = kind == OBJECT_MUTEX || kind == OBJECT_RWLOCK ? event->argument : 0;
	if (kind == OBJECT_TASK)
		what.object = event->object < LIMIT_TASKS ? writing->own[event->object] : 0;
	else if (kind == OBJECT_PROCESS)
		what.object = event->object < LIMIT_PROCESSES ? writing->processes[event->object] : 0;
	else
		what.object = object_of(writing, kind, ring, event->object, mark);
	if (kind == OBJECT_COND)
		what.second = object_of(writing, OBJECT_MUTEX, ring, event->second, event->argument);
	if (kind == OBJECT_DATABASE) {
		what.second = object_of(writing, OBJECT_CONNECTION, ring, event->second, 0);
		what.statement = (uint32_t)event->argument;
	}
	if (event->kind == RING_ACQUIRED)
		what.op = kind == OBJECT_BARRIER ? OP_BARRIER_PASS : OP_COND_WAKE;
	return what;
}

static void add_row(struct writing *writing, const struct ring_moment *moment)
{
	const struct ring_event *event = &moment->event;
	uint32_t database = object_of(writing, OBJECT_DATABASE, moment->task, event->object, 0);
	struct record_row *record = append(writing, RECORD_ROW, writing->ids[moment->task], sizeof(*record) + 1);
	if (!record)
		return;
	record->database = database;
	record->statement = (uint32_t)event->second;
	record->table = event->site;
	record->rowid = (int64_t)event->argument;
	record->change = (uint32_t)event->result;
	const struct statement *statement = &writing->control->statements[record->statement % LIMIT_STATEMENTS];
	for (uint32_t i = 0; i < statement->ntables && i < STATEMENT_TABLES; i++)
		if (statement->tables[i].table == record->table)
			record->table_name = statement->tables[i].name;
}

static void add_transaction(struct writing *writing, const struct ring_moment *moment)
{
	const struct ring_event *event = &moment->event;
	uint32_t database = object_of(writing, OBJECT_DATABASE, moment->task, event->object, 0);
	uint32_t connection = object_of(writing, OBJECT_CONNECTION, moment->task, event->second, 0);
	struct record_transaction *record = append(writing, RECORD_TRANSACTION, writing->ids[moment->task], sizeof(*record));
	if (!record)
		return;
	record->database = database;
	record->connection = connection;
	record->state = event->result & RING_STATE;
	record->ended = event->result & RING_COMMITTED ? 1 : event->result & RING_ROLLED_BACK ? 2 : 0;
	record->autocommit = (event->result & RING_AUTOCOMMIT) != 0;
	record->error = event->result & RING_FAILED ? (uint32_t)event->site : 0;
	record->changes = (uint32_t)event->result >> RING_CHANGES_SHIFT;
	record->statement = (uint32_t)event->argument;
}

/* What a database operation did, up to its task's next operation. Returns its result. */
static int64_t add_consequences(struct writing *writing, uint32_t index)
{
	const struct ring_moment *operation = &writing->merge.moments[index];
	uint32_t end = operation->next == NONE ? writing->merge.n : operation->next;
	int64_t result = 0;
	for (uint32_t i = index + 1; i < end; i++) {
		const struct ring_moment *moment = &writing->merge.moments[i];
		if (moment->task != operation->task)
			continue;
		if (moment->event.kind == RING_ROW)
			add_row(writing, moment);
		if (moment->event.kind != RING_TRANSACTION)
			continue;
		add_transaction(writing, moment);
		result = (int64_t)moment->event.site;
	}
	return result;
}

static void add_unit(struct writing *writing, const struct ring_moment *moment)
{
	const char *name = text_of(writing, moment->event.argument);
	struct record_unit *record = append(writing, RECORD_UNIT, writing->ids[moment->task], sizeof(*record) + strlen(name) + 1);
	if (!record)
		return;
	record->begin = moment->event.result == 1;
	record->ordinal = record->begin ? ++writing->nunits : writing->nunits;
	record->identity = hash_text(name) + record->ordinal;
	strcpy(record->name, name);
}

static void add_effect(struct writing *writing, const struct ring_moment *moment)
{
	const char *name = text_of(writing, moment->event.argument), *key = text_of(writing, moment->event.second);
	size_t name_bytes = strlen(name) + 1;
	struct record_effect *record = append(writing, RECORD_EFFECT, writing->ids[moment->task],
		sizeof(*record) + name_bytes + strlen(key) + 1);
	if (!record)
		return;
	record->site = moment->event.site;
	record->key_at = (uint32_t)name_bytes;
	strcpy(record->text, name);
	strcpy(record->text + name_bytes, key);
}

static void add_fail(struct writing *writing, const struct ring_moment *moment)
{
	const struct ring_event *event = &moment->event;
	bool misuse = event->result < 0;
	const char *text = misuse ? misuse_text((unsigned int)event->argument) : text_of(writing, event->argument);
	const char *file = misuse ? "" : text_of(writing, event->second);
	size_t text_bytes = strlen(text) + 1;
	struct record_fail *record = append(writing, RECORD_FAIL, writing->ids[moment->task],
		sizeof(*record) + text_bytes + strlen(file) + 2);
	if (!record)
		return;
	record->what = misuse ? FAIL_MISUSE : (uint32_t)event->result >> 24;
	record->line = misuse ? 0 : (uint32_t)event->result & 0xffffff;
	record->site = event->site;
	record->file_at = *file ? (uint32_t)text_bytes : 0;
	strcpy(record->text, text);
	strcpy(record->text + text_bytes, file);
}

/* What a task was in the middle of when the run ended. */
static void add_pending(struct writing *writing, uint16_t ring)
{
	const struct ring_pending *pending = &writing->merge.rings->rings[ring].pending;
	struct ring_moment moment = {.task = ring, .event = {.object = pending->object, .second = pending->second,
		.site = pending->site, .argument = pending->argument, .op = (uint16_t)pending->op}};
	if (pending->op == OP_NONE || pending->op >= OP_COUNT || writing->announced[ring] || !writing->ids[ring])
		return;
	struct record_announce what = request_of(writing, &moment);
	if (what.op == OP_COND_WAIT || what.op == OP_COND_TIMEDWAIT)
		what.op = OP_COND_WAKE;
	announce(writing, ring, &what);
}

/* The operation is over: its task stands before the next, which it is known to have come to. */
static void announce_next(struct writing *writing, const struct ring_moment *moment)
{
	if (moment->next == NONE) {
		add_pending(writing, moment->task);
		return;
	}
	struct record_announce next = request_of(writing, &writing->merge.moments[moment->next]);
	announce(writing, moment->task, &next);
}

static void end_task(struct writing *writing, uint64_t ring, uint64_t time)
{
	if (ring == 0 || ring > writing->merge.ntasks || writing->ended[ring] || !writing->ids[ring])
		return;
	struct record_announce what = {.op = OP_EXIT, .object = writing->own[ring]};
	begin(writing, (uint16_t)ring, time);
	step(writing, (uint16_t)ring, &what, time, 0);
	done(writing, (uint16_t)ring, &what, 0, 0);
	writing->ended[ring] = true;
}

/* What a signal wakes is a choice where several wait; a wait for a condition is over by its second event. */
static void add_wake(struct writing *writing, const struct ring_moment *moment, const struct record_announce *what)
{
	uint32_t n, taken;
	if (what->op == OP_COND_WAIT || what->op == OP_COND_TIMEDWAIT)
		ring_waits_begin(&writing->waits, moment->task, what->object, moment->next);
	else if (what->op == OP_COND_WAKE)
		ring_waits_end(&writing->waits, moment->task);
	else if (what->op == OP_COND_BROADCAST)
		ring_waits_broadcast(&writing->waits, what->object);
	if (what->op != OP_COND_SIGNAL || !ring_waits_signal(&writing->waits, &writing->merge, what->object, &n, &taken))
		return;
	struct record_choice *record = append(writing, RECORD_CHOICE, writing->ids[moment->task], sizeof(*record));
	if (!record)
		return;
	record->kind = CHOICE_WAKE;
	record->n = n;
	record->taken = taken;
}

/* A connection that is closed is no point of its own under control. */
static void add_close(struct writing *writing, const struct ring_moment *moment)
{
	struct record_announce what = request_of(writing, moment);
	struct record_done *record = append(writing, RECORD_DONE, writing->ids[moment->task], sizeof(*record));
	if (!record)
		return;
	record->op = what.op;
	record->flags = DONE_GUARDED;
	record->object = what.object;
	record->site = what.site;
}

static void add_operation(struct writing *writing, uint32_t index)
{
	const struct ring_moment *moment = &writing->merge.moments[index];
	uint16_t ring = moment->task;
	int64_t result = moment->event.result;
	uint64_t digest = 0;
	if (moment->event.op == OP_JOIN)
		end_task(writing, moment->event.object, moment->event.time);
	struct record_announce what = request_of(writing, moment);
	step(writing, ring, &what, moment->event.time, result);
	add_wake(writing, moment, &what);
	writing->executes[ring] = op_info(what.op)->object_kind == OBJECT_DATABASE;
	if (writing->executes[ring]) {
		digest = (uint32_t)moment->event.result; /* of what was written */
		result = add_consequences(writing, index);
	}
	if (moment->event.kind == RING_UNIT)
		add_unit(writing, moment);
	if (moment->event.kind == RING_EFFECT)
		add_effect(writing, moment);
	if (what.op == OP_CREATE || what.op == OP_FORK)
		born(writing, (uint16_t)moment->event.object);
	done(writing, ring, &what, result, digest);
	announce_next(writing, moment);
}

static void add_moment(struct writing *writing, uint32_t index)
{
	const struct ring_moment *moment = &writing->merge.moments[index];
	born(writing, moment->task);
	begin(writing, moment->task, moment->event.time);
	writing->returned[moment->task] |= moment->event.op == OP_EXIT;
	if (moment->event.op == OP_SQLITE_CLOSE) {
		add_close(writing, moment);
	} else if (ring_merge_is_operation(&moment->event)) {
		add_operation(writing, index);
	} else if (moment->event.kind == RING_TRANSACTION && !writing->executes[moment->task]) {
		add_transaction(writing, moment); /* of a statement whose rows came with other things between */
	} else if (moment->event.kind == RING_FAIL) {
		add_fail(writing, moment);
	} else if (moment->event.kind == RING_LABEL) {
		const char *text = text_of(writing, moment->event.argument);
		struct record_label *record = append(writing, RECORD_LABEL, writing->ids[moment->task],
			sizeof(*record) + strlen(text) + 1);
		if (record)
			strcpy(record->text, text);
	}
	if (writing->returned[moment->task] && moment->next == NONE)
		end_task(writing, moment->task, moment->event.time);
}

static void write_all(struct writing *writing)
{
	const struct ring_merge *merge = &writing->merge;
	born(writing, 1);
	for (uint32_t ring = 2; ring <= merge->ntasks; ring++)
		if (merge->rings->rings[ring].born < merge->since)
			born(writing, (uint16_t)ring);
	for (uint32_t i = 0; i < merge->n && !writing->short_of_memory; i++)
		add_moment(writing, i);
	for (uint32_t ring = 1; ring <= merge->ntasks; ring++)
		add_pending(writing, (uint16_t)ring);
}

static struct result result_of(int status)
{
	struct result result = {.outcome = OUTCOME_EXITED, .status = status};
	if (status < 0)
		result.outcome = OUTCOME_NONE;
	else if (WIFSIGNALED(status))
		result.outcome = OUTCOME_SIGNALED;
	return result;
}

struct trace *ring_trace_read(void *block, int status, bool *cut, const char **reason)
{
	struct writing *writing = calloc(1, sizeof(*writing));
	struct result result = result_of(status);
	struct trace *trace = NULL;
	*reason = "not enough memory to read what was observed";
	if (!writing)
		return NULL;
	writing->control = block;
	if (ring_merge_init(&writing->merge, block) == 0) {
		*cut = writing->merge.since != 0;
		write_all(writing);
		result.trace_bytes = writing->nbytes;
		if (!writing->short_of_memory)
			trace = trace_read(writing->bytes, writing->nbytes, &result, writing->control, reason);
		if (trace)
			trace->observed = true, trace->hides_locks = writing->control->world.seen & (SEEN_FILE_LOCKS | SEEN_MACHINE);
	}
	ring_merge_fini(&writing->merge);
	ring_objects_fini(&writing->objects);
	free(writing->bytes);
	free(writing);
	return trace;
}
