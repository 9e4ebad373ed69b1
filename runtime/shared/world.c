#include "world.h"

#include <string.h>

uint32_t world_bucket(uint16_t process, uint64_t address)
{
	uint64_t key = (address >> 2 ^ (uint64_t)process << 48) * 0x9e3779b97f4a7c15ULL;
	return (uint32_t)(key >> 32) % WORLD_BUCKETS;
}

/* Generations survive, so that a handle from an earlier execution never fits. */
static void forget_objects(struct world *world)
{
	for (uint32_t id = 1; id <= world->nobjects; id++) {
		struct object *object = &world->objects[id];
		uint32_t generation = object->generation;
		world->object_hash[world_bucket(object->process, object->address)] = 0;
		memset(object, 0, sizeof(*object));
		object->generation = generation;
	}
}

void world_reset(struct world *world)
{
	forget_objects(world);
	if (world->ncrowds > 0)
		memset(world->crowds, 0, sizeof(world->crowds));
	memset(world->tasks, 0, ((size_t)world->ntasks + 1) * sizeof(world->tasks[0]));
	memset(world->processes, 0, ((size_t)world->nprocesses + 1) * sizeof(world->processes[0]));
	if (world->book.nrows > 0)
		memset(world->conversations, 0, (world->book.nrows + 1) * sizeof(world->conversations[0]));
	memset(world, 0, WORLD_HEAD_BYTES);
}

void world_announce(struct world *world, struct task *task, const struct request *request)
{
	world_pend(world, task, request);
	task->wait_order = ++world->waits;
	task->flags &= ~(uint32_t)(TASK_WOKEN | TASK_EXPIRED);
	task->nops++;
	task->state = TASK_READY;
}

uint32_t world_object_new(struct world *world, uint16_t kind, uint16_t process, uint64_t address)
{
	if (world->nobjects + 1 >= LIMIT_OBJECTS)
		return 0;
	uint32_t id = ++world->nobjects;
	uint32_t *head = &world->object_hash[world_bucket(process, address)];
	struct object *object = &world->objects[id];
	object->kind = kind;
	object->process = process;
	object->address = address;
	object->generation++;
	object->next = *head;
	*head = id;
	return id;
}

uint32_t world_object_find(const struct world *world, uint16_t kind, uint16_t process, uint64_t address)
{
	uint32_t id = world->object_hash[world_bucket(process, address)];
	while (id != 0) {
		const struct object *object = &world->objects[id];
		if (object->address == address && object->process == process && object->kind == kind &&
			!(object->flags & OBJECT_DESTROYED))
			return id;
		id = object->next;
	}
	return 0;
}

/* Waits in a handler's shade. */
static bool is_queued(const struct task *task, uint32_t object, uint16_t op)
{
	const struct suspension *queued = &task->queued;
	return (task->flags & TASK_QUEUED) && queued->request.object == object && queued->request.op == op &&
		!(queued->flags & (TASK_WOKEN | TASK_EXPIRED));
}

bool world_waits(const struct task *task, uint32_t object, uint16_t op)
{
	if (task->state == TASK_READY && task->pending.object == object && task->pending.op == op &&
		!(task->flags & (TASK_WOKEN | TASK_EXPIRED)))
		return true;
	return is_queued(task, object, op);
}

void world_wake(struct task *task, uint32_t object, uint16_t op)
{
	*(is_queued(task, object, op) ? &task->queued.flags : &task->flags) |= TASK_WOKEN;
}

static uint64_t order_of(const struct task *task, uint32_t object, uint16_t op)
{
	return is_queued(task, object, op) ? task->queued.wait_order : task->wait_order;
}

uint32_t world_waiters(const struct world *world, uint32_t object, uint16_t op)
{
	uint32_t n = 0;
	for (uint32_t id = 1; id <= world->ntasks; id++)
		n += world_waits(&world->tasks[id], object, op);
	return n;
}

/* The waiter that began first among those that began after `order`. */
static uint32_t waiter_after(const struct world *world, uint32_t object, uint16_t op, uint64_t order)
{
	uint32_t found = 0;
	uint64_t first = UINT64_MAX;
	for (uint32_t id = 1; id <= world->ntasks; id++) {
		const struct task *task = &world->tasks[id];
		uint64_t mine = world_waits(task, object, op) ? order_of(task, object, op) : 0;
		if (mine > order && mine < first) {
			found = id;
			first = mine;
		}
	}
	return found;
}

uint32_t world_waiter(const struct world *world, uint32_t object, uint16_t op, uint32_t nth)
{
	uint32_t found = waiter_after(world, object, op, 0);
	for (; found != 0 && nth > 0; nth--)
		found = waiter_after(world, object, op, order_of(&world->tasks[found], object, op));
	return found;
}

static struct hold *hold_of(struct task *task, uint32_t object)
{
	for (uint32_t i = 0; i < task->nholds; i++)
		if (task->holds[i].object == object)
			return &task->holds[i];
	return NULL;
}

void world_hold(struct task *task, uint32_t object, bool shared, uint64_t site)
{
	struct hold *hold = hold_of(task, object);
	if (hold != NULL) {
		hold->count++;
		return;
	}
	if (task->nholds == LIMIT_HOLDS) {
		task->flags |= TASK_HOLDS_LOST;
		return;
	}
	task->holds[task->nholds++] = (struct hold){.object = object, .count = 1, .shared = shared, .site = site};
}

/* The others keep their order: reports name locks in the order in which they were taken. */
void world_release(struct task *task, uint32_t object)
{
	struct hold *hold = hold_of(task, object);
	if (hold == NULL || --hold->count > 0)
		return;
	task->nholds--;
	for (; hold < &task->holds[task->nholds]; hold++)
		*hold = hold[1];
}

const struct hold *world_held(const struct task *task, uint32_t object)
{
	return hold_of((struct task *)task, object);
}
