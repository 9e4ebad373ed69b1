/*
 * Semaphores. Named ones live in files that outlast the execution, so the genuine one is left as it is and no handle is
 * put into it: its model is known by its place in that file and starts with the genuine value. One that was there
 * before the program made it may be shared with processes that are not controlled, and is noted.
 */
#include "call.h"

#include <fcntl.h>
#include <semaphore.h>
#include <stdarg.h>

#include "idle.h"
#include "mapping.h"

enum { NAMED = 256 };

static struct {
	sem_t *sem;
	uint64_t key;
	int nopen; /* sem_open gives the same address for the same semaphore */
} named[NAMED];

static int (*genuine_sem_getvalue)(sem_t *, int *);

static uint32_t object_named(sem_t *sem, uint64_t key)
{
	uint32_t known = world_object_find(&control->world, OBJECT_SEM, 0, key);
	int value = 0;

	if (known)
		return known;
	uint32_t object = object_global(OBJECT_SEM, key, "");
	genuine_sem_getvalue(sem, &value);
	control->world.objects[object].count = (uint32_t)value;
	control->world.objects[object].flags |= OBJECT_SHARED;
	return object;
}

static uint32_t object_of(sem_t *sem)
{
	for (int i = 0; i < NAMED; i++)
		if (named[i].sem == sem)
			return object_named(sem, named[i].key);
	return object_sem(sem);
}

static void enter(sem_t *sem)
{
	int row = -1;

	for (int i = NAMED - 1; i >= 0; i--) {
		if (named[i].sem == sem) {
			named[i].nopen++;
			return;
		}
		if (!named[i].sem)
			row = i;
	}
	if (row < 0) {
		control_limit(LIMIT_ID_OBJECTS, self.site);
		return;
	}
	named[row].sem = sem;
	named[row].key = mapping_key(sem);
	named[row].nopen = 1;
}

/* Was it there before any task of this execution used it? */
static bool is_foreign(sem_t *sem)
{
	return world_object_find(&control->world, OBJECT_SEM, 0, mapping_key(sem)) == 0;
}

static sem_t *(*genuine_sem_open)(const char *, int, ...);
INTERPOSE_TABLE(sem_open, LIBC, NULL);
INTERPOSE_EXPORT sem_t *sem_open(const char *name, int flags, ...);

static sem_t *open_named(const char *name, int flags, unsigned int mode, unsigned int value)
{
	sem_t *sem = flags & O_CREAT ? genuine_sem_open(name, flags | O_EXCL, mode, value) : SEM_FAILED;
	bool made = sem != SEM_FAILED;

	if (!made && (!(flags & O_CREAT) || (errno == EEXIST && !(flags & O_EXCL))))
		sem = genuine_sem_open(name, flags & ~O_CREAT);
	if (sem == SEM_FAILED) {
		self.error = errno;
		return SEM_FAILED;
	}
	if (!made && is_foreign(sem))
		control_uncontrolled(UNCONTROLLED_SHARED_MEMORY, self.site, name);
	enter(sem);
	object_of(sem);
	return sem;
}

sem_t *sem_open(const char *name, int flags, ...)
{
	struct guard guard __attribute__((cleanup(guard_leave))) = {0};
	unsigned int mode = 0, value = 0;
	va_list list;

	if (flags & O_CREAT) {
		va_start(list, flags);
		mode = va_arg(list, unsigned int);
		value = va_arg(list, unsigned int);
		va_end(list);
	}
	if (!guard_enter(&guard, &entry_sem_open, __builtin_return_address(0)))
		return genuine_sem_open(name, flags, mode, value);
	return open_named(name, flags, mode, value);
}

INTERPOSE(int, sem_close, (sem_t * sem), (sem))
{
	for (int i = 0; i < NAMED; i++)
		if (named[i].sem == sem && --named[i].nopen == 0)
			named[i].sem = NULL;
	int result = genuine_sem_close(sem);
	return result == 0 ? 0 : call_error(errno);
}

static int wait(enum op op, sem_t *sem, clockid_t clock, const struct timespec *deadline)
{
	struct request request = call_request(op, object_of(sem));

	request.flags |= REQUEST_INTERRUPT;
	if (deadline) {
		request.flags |= REQUEST_TIMED;
		if (!vclock_deadline(clock, deadline, &request.deadline_ns))
			return call_error(EINVAL);
	}
	return call_errno(cancel_point(&request));
}

INTERPOSE(int, sem_wait, (sem_t * sem), (sem), OP_SEM_WAIT, sem)
{
	return wait(OP_SEM_WAIT, sem, CLOCK_REALTIME, NULL);
}

INTERPOSE(int, sem_timedwait, (sem_t * sem, const struct timespec *deadline), (sem, deadline), OP_SEM_TIMEDWAIT, sem)
{
	return wait(OP_SEM_TIMEDWAIT, sem, CLOCK_REALTIME, deadline);
}

INTERPOSE(int, sem_clockwait, (sem_t * sem, clockid_t clock, const struct timespec *deadline), (sem, clock, deadline),
	OP_SEM_TIMEDWAIT, sem)
{
	if (clock != CLOCK_REALTIME && clock != CLOCK_MONOTONIC)
		return call_error(EINVAL);
	return wait(OP_SEM_TIMEDWAIT, sem, clock, deadline);
}

INTERPOSE(int, sem_trywait, (sem_t * sem), (sem), OP_SEM_TRYWAIT, sem)
{
	uint32_t object = object_of(sem);
	int error = call_model(OP_SEM_TRYWAIT, object);

	idle_try(object, error != 0);
	return call_errno(error);
}

INTERPOSE(int, sem_post, (sem_t * sem), (sem), OP_SEM_POST, sem)
{
	return call_errno(call_model(OP_SEM_POST, object_of(sem)));
}

INTERPOSE_TABLE(sem_getvalue, LIBC, NULL);
INTERPOSE_EXPORT int sem_getvalue(sem_t *sem, int *value);

int sem_getvalue(sem_t *sem, int *value)
{
	struct guard guard __attribute__((cleanup(guard_leave))) = {0};

	if (!guard_enter(&guard, &entry_sem_getvalue, __builtin_return_address(0)))
		return genuine_sem_getvalue(sem, value);
	*value = call_model(OP_SEM_GETVALUE, object_of(sem));
	return 0;
}

INTERPOSE(int, sem_destroy, (sem_t * sem), (sem), OP_SEM_DESTROY, sem)
{
	uint32_t object = object_of(sem);
	int error = call_model(OP_SEM_DESTROY, object);

	object_forget(sem, object);
	return call_errno(error);
}
