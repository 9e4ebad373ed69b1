#include "observed.h"

#include <errno.h>

#include "mapping.h"
#include "module.h"
#include "shared/world.h"

enum { KIND_TYPE = 3, KIND_ROBUST = 16, KIND_PRIORITY = 32, KIND_SHARED = 128 };

uint64_t observed_sites[OBSERVED_SITES];

bool observed_look(uint64_t site)
{
	bool guarded = module_is_guarded(site) || module_is_machine(site);

	__atomic_store_n(&observed_sites[site / 8 % OBSERVED_SITES], site | (guarded ? OBSERVED_GUARDED : 0),
		__ATOMIC_RELAXED);
	return guarded;
}

void observed_forget(void)
{
	for (uint32_t i = 0; i < OBSERVED_SITES; i++)
		__atomic_store_n(&observed_sites[i], 0, __ATOMIC_RELAXED);
}

/* The bytes that a mark may be kept in: the list of a mutex is used by robust ones only, this padding never. */
static uint64_t *mark_place(uint16_t kind, uint64_t address)
{
	pthread_mutex_t *mutex = (pthread_mutex_t *)(uintptr_t)address;
	pthread_rwlock_t *rwlock = (pthread_rwlock_t *)(uintptr_t)address;

	if (kind == OBJECT_MUTEX && !(mutex->__data.__kind & (KIND_ROBUST | KIND_SHARED)))
		return (uint64_t *)&mutex->__data.__list.__prev;
	if (kind == OBJECT_RWLOCK && rwlock->__data.__shared == 0)
		return (uint64_t *)&rwlock->__data.__pad2;
	return NULL;
}

static uint64_t mark(uint16_t kind, uint64_t address, bool taken)
{
	uint64_t *place = mark_place(kind, address);

	if (!place)
		return 0;
	uint64_t value = __atomic_load_n(place, __ATOMIC_RELAXED);
	if (value == 0 && taken) {
		uint64_t fresh = (uint64_t)observer.task << 32 | ++observer.nmarks;
		if (__atomic_compare_exchange_n(place, &value, fresh, false, __ATOMIC_RELAXED, __ATOMIC_RELAXED))
			value = fresh;
	}
	return value;
}

uint64_t observed_mark(uint16_t op, const struct observed *observed, bool taken)
{
	uint16_t kind = op_info(op)->object_kind;

	if (kind == OBJECT_COND)
		return observed->second ? mark(OBJECT_MUTEX, observed->second, taken) : 0;
	return kind == OBJECT_MUTEX || kind == OBJECT_RWLOCK ? mark(kind, observed->object, taken) : 0;
}

static bool is_shared(uint16_t op, uint64_t address)
{
	switch (op_info(op)->object_kind) {
	case OBJECT_MUTEX:
		return ((pthread_mutex_t *)(uintptr_t)address)->__data.__kind & KIND_SHARED;
	case OBJECT_RWLOCK:
		return ((pthread_rwlock_t *)(uintptr_t)address)->__data.__shared != 0;
	case OBJECT_COND:
		return ((pthread_cond_t *)(uintptr_t)address)->__data.__wrefs & 1;
	case OBJECT_SEM:
		return ((const int32_t *)(uintptr_t)address)[2] != 0; /* glibc's new_sem: value, waiters, private */
	default:
		return false;
	}
}

/* What processes share has the name of its place in the file; what it is then can't be told from addresses. */
static uint64_t name_of(uint16_t op, uint64_t address)
{
	uint64_t key = 0;

	if (is_shared(op, address) && observe_lock()) {
		key = mapping_key((const volatile void *)(uintptr_t)address);
		observe_unlock();
	}
	return key ? key | 1ULL << 63 : address;
}

/* Semaphores say what went wrong in errno. */
static int32_t error_of(uint16_t op, int32_t result)
{
	return op_info(op)->object_kind == OBJECT_SEM && result == -1 ? errno : result;
}

void observed_write(const struct observed *observed, uint16_t op, int kind, int32_t result)
{
	struct ring_event event = {.object = name_of(op, observed->object), .second = observed->second,
		.site = observed->site, .result = error_of(op, result), .op = op, .kind = (uint8_t)kind};

	event.argument = observed_mark(op, observed, result == 0);
	observe_write(&event);
}

static void note_misuse(const struct observed *observed, enum misuse misuse)
{
	struct ring_event event = {.site = observed->site, .kind = RING_FAIL, .argument = misuse, .result = -1};

	observe_write(&event);
}

/*
 * What the C library keeps in the lock tells who holds it. A child forked while a lock was held gives it back where its
 * parent's thread would have: atfork handlers do.
 */
static enum misuse misuse_of_unlock(const pthread_mutex_t *mutex)
{
	int owner = mutex->__data.__owner, kind = mutex->__data.__kind;

	if ((kind & ~(KIND_TYPE | KIND_ROBUST)) != 0)
		return MISUSE_NONE; /* priorities: kept otherwise */
	if (mutex->__data.__lock == 0)
		return MISUSE_UNLOCK_UNLOCKED;
	if (owner == 0 || owner == observer.tid || owner == observer.parent_tid)
		return MISUSE_NONE;
	return MISUSE_UNLOCK_NOT_OWNER;
}

void observed_unlock(const struct observed *observed)
{
	enum misuse misuse = misuse_of_unlock((const pthread_mutex_t *)(uintptr_t)observed->object);

	if (misuse != MISUSE_NONE)
		note_misuse(observed, misuse);
	observed_write(observed, OP_MUTEX_UNLOCK, RING_OPERATION, misuse ? EPERM : 0);
}
