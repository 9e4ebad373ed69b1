#include "record.h"

#include <string.h>

#include "control.h"
#include "self.h"

void record_hash(uint64_t value)
{
	uint64_t hash = control->world.hash ^ value * 0x9e3779b185ebca87ULL;

	hash = (hash << 27 | hash >> 37) * 0xc2b2ae3d27d4eb4fULL + 0x165667b19e3779f9ULL;
	control->world.hash = hash;
}

static void hash_text(const char *text)
{
	for (; *text; text++)
		record_hash((unsigned char)*text);
	record_hash(0x100);
}

/* No room: before the first plan nothing is recorded, then the area is full. */
static void *refuse(void)
{
	if (control_mode == CONTROL_CONTROL && control->trace_limit > 0) {
		control->world.limit = LIMIT_ID_TRACE_BYTES;
		control->world.uncontrolled |= 1u << UNCONTROLLED_LIMIT;
		control_end(OUTCOME_LIMIT);
	}
	return NULL;
}

/* Room for a record of this many bytes, zeroed head filled in; NULL when nothing is recorded. */
static inline void *append(uint16_t kind, size_t nbytes)
{
	struct world *world = &control->world;
	size_t rounded = (nbytes + 7) & ~(size_t)7;

	if (__builtin_expect(world->trace_bytes + rounded > control->trace_limit, 0))
		return refuse();
	char *at = (char *)control + control->trace_offset + world->trace_bytes;
	struct record *head = (struct record *)at;
	*(uint64_t *)(void *)(at + rounded - 8) = 0; /* padding */
	head->kind = kind;
	head->task = self.task;
	head->nbytes = (uint32_t)rounded;
	world->trace_bytes += rounded;
	return at;
}

static size_t text_bytes(const char *text)
{
	return strlen(text) + 1;
}

void record_task(const struct task *task)
{
	struct record_task *record = append(RECORD_TASK, sizeof *record + text_bytes(task->name));

	if (!record)
		return;
	record->id = task->id;
	record->parent = task->parent;
	record->process = task->process;
	record->flags = (uint16_t)task->flags;
	record->object = task->object;
	record->image = control->world.processes[task->process].image;
	record->identity = task->identity;
	record->start = task->start;
	memcpy(record->name, task->name, text_bytes(task->name));
	record_hash(task->identity);
}

void record_object(uint32_t object, const char *name)
{
	const struct object *entry = &control->world.objects[object];
	struct record_object *record = append(RECORD_OBJECT, sizeof *record + text_bytes(name));

	if (!record)
		return;
	record->id = object;
	record->kind = entry->kind;
	record->process = entry->process;
	record->address = entry->address;
	memcpy(record->name, name, text_bytes(name));
}

void record_announce(const struct task *task)
{
	struct record_announce *record = append(RECORD_ANNOUNCE, sizeof *record);
	const struct request *request = &task->pending;

	if (!record)
		return;
	record->head.task = task->id;
	record->op = request->op;
	record->flags = request->flags;
	record->object = request->object;
	record->second = request->second;
	record->statement = request->statement;
	record->argument = request->argument;
	record->site = request->site;
	record->deadline_ns = request->deadline_ns;
	record->ordinal = task->nops - 1;
	record->reserved = 0;
	record_hash((uint64_t)task->id << 48 | (uint64_t)request->op << 32 | request->object);
	if (request->statement)
		record_hash(control->statements[request->statement].hash);
}

void record_step(uint32_t previous, const struct decision *decision, uint64_t clock_before_ns)
{
	const struct world *world = &control->world;
	uint32_t nwords = decision->nalternatives > 1 ? (world->ntasks + 64) / 64 : 0;
	struct record_step *record = append(RECORD_STEP, sizeof *record + 2ul * nwords * sizeof(uint64_t));

	if (!record)
		return;
	record->head.task = (uint16_t)decision->task;
	record->previous = (uint16_t)previous;
	record->flags = 0;
	if (decision->timeout)
		record->flags |= STEP_TIMEOUT;
	if (decision->cost)
		record->flags |= STEP_PREEMPTION;
	if (decision->forced)
		record->flags |= STEP_FORCED;
	if (world->now_ns != clock_before_ns)
		record->flags |= STEP_CLOCK_JUMP;
	record->nalternatives = decision->nalternatives;
	record->now_ns = world->now_ns;
	record->nwords = nwords;
	record->reserved = 0;
	for (uint32_t i = 0; i < nwords; i++) {
		record->sets[i] = decision->enabled.words[i];
		record->sets[nwords + i] = decision->timed.words[i];
	}
	record_hash((uint64_t)decision->task << 32 | (uint64_t)decision->timeout << 31 | decision->nalternatives);
}

void record_done(const struct task *task, const struct request *request, int64_t result, uint64_t digest, bool guarded)
{
	struct record_done *record = append(RECORD_DONE, sizeof *record);

	if (!record)
		return;
	record->head.task = task->id;
	record->op = request->op;
	record->flags = guarded ? DONE_GUARDED : 0;
	record->object = request->object;
	record->result = result;
	record->digest = digest;
	record->site = request->site;
	record_hash((uint64_t)request->op << 32 | request->object);
	record_hash((uint64_t)result);
	record_hash(digest);
}

void record_choice(uint16_t task, uint16_t kind, uint32_t object, uint32_t n, uint32_t taken, uint32_t normal)
{
	struct record_choice *record = append(RECORD_CHOICE, sizeof *record);

	if (!record)
		return;
	record->head.task = task;
	record->kind = kind;
	record->reserved = 0;
	record->n = n;
	record->taken = taken;
	record->normal = normal;
	record->object = object;
	record->reserved_too = 0;
	if (kind == CHOICE_FAULT && taken == normal)
		return; /* offered or not, the execution is the same */
	record_hash((uint64_t)kind << 48 | (uint64_t)n << 24 | taken);
	if (object)
		record_hash(object);
}

void record_row(const struct record_row *row, const char *values)
{
	struct record_row *record = append(RECORD_ROW, sizeof *record + text_bytes(values));

	if (!record)
		return;
	struct record head = record->head;
	*record = *row;
	record->head = head;
	memcpy(record->values, values, text_bytes(values));
	record_hash(row->table ^ (uint64_t)row->change);
	control->world.remarks |= REMARK_WORK;
}

void record_effect(uint64_t site, const char *name, const char *key)
{
	size_t name_bytes = text_bytes(name);
	struct record_effect *record = append(RECORD_EFFECT, sizeof *record + name_bytes + text_bytes(key));

	if (!record)
		return;
	record->site = site;
	record->key_at = (uint32_t)name_bytes;
	record->reserved = 0;
	memcpy(record->text, name, name_bytes);
	memcpy(record->text + name_bytes, key, text_bytes(key));
	control->world.remarks |= REMARK_WORK;
	hash_text(name);
}

void record_unit(bool begin, uint32_t ordinal, uint64_t identity, const char *name)
{
	struct record_unit *record = append(RECORD_UNIT, sizeof *record + text_bytes(name));

	if (!record)
		return;
	record->begin = begin;
	record->ordinal = ordinal;
	record->identity = identity;
	memcpy(record->name, name, text_bytes(name));
	record_hash(identity + begin);
	control->world.remarks |= REMARK_WORK;
}

void record_request(uint64_t identity, const char *name)
{
	struct record_request *record = append(RECORD_REQUEST, sizeof *record + text_bytes(name));

	if (!record)
		return;
	record->identity = identity;
	memcpy(record->name, name, text_bytes(name));
	record_hash(identity);
}

void record_work(uint16_t task, uint64_t identity)
{
	struct record_work *record = append(RECORD_WORK, sizeof *record);

	if (!record)
		return;
	record->head.task = task;
	record->identity = identity;
	record_hash(identity + task);
}

void record_reply(uint64_t identity, uint32_t status, uint64_t digest, uint64_t input, const char *context)
{
	struct record_reply *record = append(RECORD_REPLY, sizeof *record + text_bytes(context));

	if (!record)
		return;
	record->identity = identity;
	record->digest = digest;
	record->input = input;
	record->status = status;
	record->reserved = 0;
	memcpy(record->context, context, text_bytes(context));
	record_hash(identity + status);
}

void record_stack(const uint64_t *pcs, uint32_t npcs)
{
	struct record_stack *record = append(RECORD_STACK, sizeof *record + npcs * sizeof *pcs);

	if (!record)
		return;
	record->npcs = npcs;
	record->reserved = 0;
	memcpy(record->pcs, pcs, npcs * sizeof *pcs);
}

void record_fail(enum fail_kind what, const char *message, const char *file, uint32_t line, const char *function,
	uint64_t site)
{
	size_t message_bytes = text_bytes(message), file_bytes = text_bytes(file);
	struct record_fail *record = append(RECORD_FAIL,
		sizeof *record + message_bytes + file_bytes + text_bytes(function));

	if (!record)
		return;
	record->what = what;
	record->line = line;
	record->site = site;
	record->file_at = *file ? (uint32_t)message_bytes : 0;
	record->function_at = *function ? (uint32_t)(message_bytes + file_bytes) : 0;
	memcpy(record->text, message, message_bytes);
	memcpy(record->text + message_bytes, file, file_bytes);
	memcpy(record->text + message_bytes + file_bytes, function, text_bytes(function));
	record_hash(what);
	control->world.remarks |= REMARK_FAIL;
}

void record_uncontrolled(enum uncontrolled reason, enum limit_id limit, uint64_t site, const char *text)
{
	struct record_uncontrolled *record = append(RECORD_UNCONTROLLED, sizeof *record + text_bytes(text));

	if (!record)
		return;
	record->reason = reason;
	record->limit = limit;
	record->site = site;
	memcpy(record->text, text, text_bytes(text));
}

void record_value(uint32_t statement, char role, const char *text)
{
	struct record_value *record = append(RECORD_VALUE, sizeof *record + text_bytes(text));

	if (!record)
		return;
	record->statement = statement;
	record->role = (unsigned char)role;
	memcpy(record->text, text, text_bytes(text));
}

void record_transaction(const struct record_transaction *transaction)
{
	struct record_transaction *record = append(RECORD_TRANSACTION, sizeof *record);

	if (!record)
		return;
	struct record head = record->head;
	*record = *transaction;
	record->head = head;
	record_hash((uint64_t)transaction->state << 32 | transaction->ended << 24 | transaction->changes);
	record_hash(transaction->error);
	control->world.remarks |= REMARK_WORK;
}

void record_label(const char *text)
{
	struct record_label *record = append(RECORD_LABEL, sizeof *record + text_bytes(text));

	if (record)
		memcpy(record->text, text, text_bytes(text));
}

void record_end(enum outcome outcome)
{
	struct record_end *record = append(RECORD_END, sizeof *record);

	if (!record)
		return;
	record->outcome = outcome;
	record->nsteps = control->world.nsteps;
	record->hash = control->world.hash;
}
