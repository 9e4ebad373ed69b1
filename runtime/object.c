#include "object.h"

#include <string.h>

#include "control.h"
#include "mapping.h"
#include "record.h"
#include "self.h"
#include "task.h"

struct handle {
	uint32_t magic;
	uint32_t index;
	uint32_t generation;
	uint32_t check; /* low bits of the address it was written at */
};

enum { HANDLE_MAGIC = 0x72616365 };

static uint32_t new_object(uint16_t kind, uint16_t process, uint64_t address, const char *name)
{
	uint32_t index = world_object_new(&control->world, kind, process, address);

	if (index == 0) {
		control_limit(LIMIT_ID_OBJECTS, self.site);
		return 0;
	}
	record_object(index, name);
	return index;
}

static bool handle_is_valid(const struct handle *handle, uint16_t kind)
{
	const struct world *world = &control->world;

	if (handle->magic != HANDLE_MAGIC || handle->index == 0 || handle->index > world->nobjects)
		return false;
	const struct object *object = &world->objects[handle->index];
	return object->generation == handle->generation && object->kind == kind && !(object->flags & OBJECT_DESTROYED);
}

static void write_handle(struct handle *handle, uint32_t index)
{
	*handle = (struct handle){
		.magic = HANDLE_MAGIC,
		.index = index,
		.generation = control->world.objects[index].generation,
		.check = (uint32_t)(uintptr_t)handle,
	};
}

/* Did the parent hold it when it forked? It may have given it back since: so do handlers of pthread_atfork. */
static bool is_inherited(const struct task *task, const struct object *origin)
{
	for (uint32_t i = 0; i < task->ninherited; i++)
		if (&control->world.objects[task->inherited[i]] == origin)
			return true;
	return false;
}

/*
 * A forked child has copies of its parent's private objects. What the forking task held is held by the child's first
 * task; what others held stays held for ever, as it does natively.
 */
static uint32_t copy_forked(const struct handle *handle, void *address)
{
	struct world *world = &control->world;
	const struct object *origin = &world->objects[handle->index];
	uint32_t index = new_object(origin->kind, control_process, (uint64_t)(uintptr_t)address, "");

	if (index == 0)
		return 0;
	struct object *copy = &world->objects[index];
	copy->flags = origin->flags;
	copy->limit = origin->limit;
	copy->version = origin->version;
	copy->owner = origin->owner;
	copy->count = origin->count;
	struct task *task = task_self();
	if (is_inherited(task, origin)) {
		copy->owner = task->id;
		copy->count = origin->count ? origin->count : 1;
		world_hold(task, index, false, self.site);
	}
	return index;
}

/* The object a handle names here, 0: none. Rewrites the handle of a forked copy. */
static uint32_t follow_handle(struct handle *handle, uint16_t kind)
{
	if (!handle_is_valid(handle, kind))
		return 0;
	const struct object *object = &control->world.objects[handle->index];
	if (object->flags & OBJECT_SHARED)
		return handle->index;
	if (handle->check != (uint32_t)(uintptr_t)handle)
		return 0;
	if (object->process == control_process)
		return handle->index;
	uint32_t copy = copy_forked(handle, handle);
	if (copy)
		write_handle(handle, copy);
	return copy;
}

/* An object met for the first time; `shared` ones have no process. */
static struct object *adopt(struct handle *handle, uint16_t kind, bool shared, uint32_t *index)
{
	*index = new_object(kind, shared ? 0 : control_process, (uint64_t)(uintptr_t)handle, "");
	if (*index == 0)
		return NULL;
	struct object *object = &control->world.objects[*index];
	if (shared)
		object->flags |= OBJECT_SHARED;
	return object;
}

static uint16_t mutex_flags(int kind)
{
	uint16_t flags = 0;

	if ((kind & 3) == PTHREAD_MUTEX_RECURSIVE)
		flags |= OBJECT_RECURSIVE;
	if ((kind & 3) == PTHREAD_MUTEX_ERRORCHECK)
		flags |= OBJECT_ERRORCHECK;
	if (kind & 16)
		flags |= OBJECT_ROBUST;
	return flags;
}

bool object_is_mutex(const pthread_mutex_t *mutex)
{
	return ((const struct handle *)mutex)->magic == HANDLE_MAGIC;
}

uint32_t object_mutex(pthread_mutex_t *mutex)
{
	struct handle *handle = (struct handle *)mutex;
	uint32_t index = follow_handle(handle, OBJECT_MUTEX);

	if (index)
		return index;
	int kind = mutex->__data.__kind;
	struct object *object = adopt(handle, OBJECT_MUTEX, kind & 128, &index);
	if (!object)
		return 0;
	object->flags |= mutex_flags(kind);
	if (mutex->__data.__lock != 0) { /* taken before control began */
		object->owner = (uint16_t)task_by_tid(mutex->__data.__owner);
		object->count = object->owner ? 1 : 0;
	}
	write_handle(handle, index);
	return index;
}

uint32_t object_cond(pthread_cond_t *cond)
{
	struct handle *handle = (struct handle *)cond;
	uint32_t index = follow_handle(handle, OBJECT_COND);

	if (index)
		return index;
	unsigned int bits = cond->__data.__wrefs; /* bit 0: process-shared, bit 1: CLOCK_MONOTONIC */
	struct object *object = adopt(handle, OBJECT_COND, bits & 1, &index);
	if (!object)
		return 0;
	if (bits & 2)
		object->flags |= OBJECT_MONOTONIC;
	write_handle(handle, index);
	return index;
}

uint32_t object_rwlock(pthread_rwlock_t *rwlock)
{
	struct handle *handle = (struct handle *)rwlock;
	uint32_t index = follow_handle(handle, OBJECT_RWLOCK);

	if (index)
		return index;
	struct object *object = adopt(handle, OBJECT_RWLOCK, rwlock->__data.__shared != 0, &index);
	if (!object)
		return 0;
	if (rwlock->__data.__flags == PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP)
		object->flags |= OBJECT_WRITER_FIRST;
	write_handle(handle, index);
	return index;
}

/* glibc's new_sem: value in the low half of the first word, the private flag behind it. */
struct genuine_sem {
	uint32_t value, waiters;
	int32_t private;
	int32_t padding;
};

uint32_t object_sem(sem_t *sem)
{
	struct handle *handle = (struct handle *)sem;
	uint32_t index = follow_handle(handle, OBJECT_SEM);

	if (index)
		return index;
	struct genuine_sem genuine;
	memcpy(&genuine, sem, sizeof genuine);
	struct object *object = adopt(handle, OBJECT_SEM, genuine.private != 0, &index);
	if (!object)
		return 0;
	object->count = genuine.value;
	write_handle(handle, index);
	return index;
}

/* glibc's struct pthread_barrier. */
struct genuine_barrier {
	uint32_t in, current_round, count;
	int32_t shared;
};

uint32_t object_barrier(pthread_barrier_t *barrier)
{
	struct handle *handle = (struct handle *)barrier;
	uint32_t index = follow_handle(handle, OBJECT_BARRIER);

	if (index)
		return index;
	struct genuine_barrier genuine;
	memcpy(&genuine, barrier, sizeof genuine);
	struct object *object = adopt(handle, OBJECT_BARRIER, genuine.shared != 0, &index);
	if (!object)
		return 0;
	object->limit = genuine.count;
	write_handle(handle, index);
	return index;
}

uint32_t object_small(enum object_kind kind, const volatile void *address)
{
	uint32_t index = world_object_find(&control->world, kind, control_process, (uint64_t)(uintptr_t)address);

	return index ? index : new_object(kind, control_process, (uint64_t)(uintptr_t)address, "");
}

uint32_t object_word(enum object_kind kind, const volatile void *address)
{
	uint64_t key = mapping_key(address);

	return key ? object_global(kind, key, "") : object_small(kind, address);
}

uint32_t object_global(enum object_kind kind, uint64_t key, const char *name)
{
	uint32_t index = world_object_find(&control->world, kind, 0, key);

	return index ? index : new_object(kind, 0, key, name);
}

void object_forget(void *address, uint32_t object)
{
	struct handle *handle = address;

	if (handle->magic == HANDLE_MAGIC && handle->index == object)
		memset(handle, 0, sizeof *handle);
	control->world.objects[object].flags |= OBJECT_DESTROYED;
}
