#include "simulator_trace.h"

#include <stdlib.h>
#include <string.h>

static void hash(struct world *world, uint64_t value)
{
	uint64_t mixed = world->hash ^ value * 0x9e3779b185ebca87ULL;
	world->hash = (mixed << 27 | mixed >> 37) * 0xc2b2ae3d27d4eb4fULL + 0x165667b19e3779f9ULL;
}

static void *append(struct simulator_trace *trace, uint16_t kind, uint16_t task, size_t nbytes)
{
	size_t rounded = (nbytes + 7) & ~(size_t)7;
	if (trace->nbytes + rounded > trace->capacity) {
		trace->capacity = (trace->nbytes + rounded) * 2 + 4096;
		trace->bytes = realloc(trace->bytes, trace->capacity);
		if (trace->bytes == NULL)
			abort();
	}
	struct record *record = (struct record *)(trace->bytes + trace->nbytes);
	memset(record, 0, rounded);
	*record = (struct record){.kind = kind, .task = task, .nbytes = (uint32_t)rounded};
	trace->nbytes += rounded;
	return record;
}

void simulator_trace_task(struct simulator_trace *trace, struct world *world, const struct task *task)
{
	struct record_task *record = append(trace, RECORD_TASK, task->parent, sizeof(*record) + strlen(task->name) + 1);
	record->id = task->id;
	record->parent = task->parent;
	record->process = task->process;
	record->flags = (uint16_t)task->flags;
	record->object = task->object;
	record->identity = task->identity;
	record->start = 0x400000 + task->id;
	strcpy(record->name, task->name);
	hash(world, task->identity);
}

void simulator_trace_object(struct simulator_trace *trace, const struct world *world, uint32_t object)
{
	const struct object *from = &world->objects[object];
	struct record_object *record = append(trace, RECORD_OBJECT, 0, sizeof(*record) + 1);
	record->id = object;
	record->kind = from->kind;
	record->process = from->process;
	record->address = from->address;
}

void simulator_trace_announce(
	struct simulator_trace *trace, struct world *world, const struct task *task, const struct statement *statements)
{
	const struct request *request = &task->pending;
	struct record_announce *record = append(trace, RECORD_ANNOUNCE, task->id, sizeof(*record));
	record->op = request->op;
	record->flags = request->flags;
	record->object = request->object;
	record->second = request->second;
	record->statement = request->statement;
	record->argument = request->argument;
	record->site = request->site;
	record->deadline_ns = request->deadline_ns;
	record->ordinal = task->nops - 1;
	hash(world, (uint64_t)task->id << 48 | (uint64_t)request->op << 32 | request->object);
	if (request->statement != 0 && statements != NULL)
		hash(world, statements[request->statement].hash);
}

void simulator_trace_step(struct simulator_trace *trace, struct world *world, uint32_t previous,
	const struct decision *decision, uint64_t before_ns)
{
	uint32_t nwords = decision->nalternatives > 1 ? world->ntasks / 64 + 1 : 0;
	struct record_step *record =
		append(trace, RECORD_STEP, (uint16_t)decision->task, sizeof(*record) + 2UL * nwords * sizeof(uint64_t));
	record->previous = (uint16_t)previous;
	record->flags = (uint16_t)((decision->timeout ? STEP_TIMEOUT : 0) | (decision->cost ? STEP_PREEMPTION : 0) |
		(decision->forced ? STEP_FORCED : 0) | (world->now_ns != before_ns ? STEP_CLOCK_JUMP : 0));
	record->nalternatives = decision->nalternatives;
	record->now_ns = world->now_ns;
	record->nwords = nwords;
	memcpy(record->sets, decision->enabled.words, nwords * sizeof(uint64_t));
	memcpy(record->sets + nwords, decision->timed.words, nwords * sizeof(uint64_t));
	hash(world, (uint64_t)decision->task << 32 | (uint64_t)decision->timeout << 31 | decision->nalternatives);
}

void simulator_trace_done(struct simulator_trace *trace, struct world *world, const struct task *task, int64_t result)
{
	const struct request *request = &task->pending;
	struct record_done *record = append(trace, RECORD_DONE, task->id, sizeof(*record));
	record->op = request->op;
	record->object = request->object;
	record->result = result;
	record->site = request->site;
	hash(world, (uint64_t)request->op << 32 | request->object);
	hash(world, (uint64_t)result);
	hash(world, 0);
}

void simulator_trace_choice(struct simulator_trace *trace, struct world *world, uint16_t task, uint16_t kind,
	uint32_t n, uint32_t taken, uint32_t normal)
{
	struct record_choice *record = append(trace, RECORD_CHOICE, task, sizeof(*record));
	record->kind = kind;
	record->n = n;
	record->taken = taken;
	record->normal = normal;
	record->object = 0;
	hash(world, (uint64_t)kind << 48 | (uint64_t)n << 24 | taken);
}

void simulator_trace_unit(struct simulator_trace *trace, struct world *world, const struct task *task, bool begin,
	uint32_t ordinal, uint64_t identity, const char *name)
{
	struct record_unit *record = append(trace, RECORD_UNIT, task->id, sizeof(*record) + strlen(name) + 1);
	record->begin = begin;
	record->ordinal = ordinal;
	record->identity = identity;
	strcpy(record->name, name);
	hash(world, identity + begin);
}

void simulator_trace_effect(
	struct simulator_trace *trace, struct world *world, const struct task *task, const char *name, const char *key)
{
	size_t name_bytes = strlen(name) + 1;
	struct record_effect *record =
		append(trace, RECORD_EFFECT, task->id, sizeof(*record) + name_bytes + strlen(key) + 1);
	record->site = task->pending.site;
	record->key_at = (uint32_t)name_bytes;
	strcpy(record->text, name);
	strcpy(record->text + name_bytes, key);
	for (const char *byte = name; *byte != '\0'; byte++)
		hash(world, (unsigned char)*byte);
	hash(world, 0x100);
}

void simulator_trace_label(struct simulator_trace *trace, const struct task *task, const char *text)
{
	struct record_label *record = append(trace, RECORD_LABEL, task->id, sizeof(*record) + strlen(text) + 1);
	strcpy(record->text, text);
}

void simulator_trace_end(struct simulator_trace *trace, const struct world *world, enum outcome outcome)
{
	struct record_end *record = append(trace, RECORD_END, 0, sizeof(*record));
	record->outcome = outcome;
	record->nsteps = world->nsteps;
	record->hash = world->hash;
}
