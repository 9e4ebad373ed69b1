/* Reader-writer locks: models only. */
#include "call.h"

#include <pthread.h>

#include "idle.h"

static int try(enum op op, pthread_rwlock_t *rwlock)
{
	uint32_t object = object_rwlock(rwlock);
	int error = call_model(op, object);

	idle_try(object, error != 0);
	return error;
}

INTERPOSE(int, pthread_rwlock_rdlock, (pthread_rwlock_t * rwlock), (rwlock), OP_RWLOCK_RDLOCK, rwlock)
{
	return call_model(OP_RWLOCK_RDLOCK, object_rwlock(rwlock));
}

INTERPOSE(int, pthread_rwlock_wrlock, (pthread_rwlock_t * rwlock), (rwlock), OP_RWLOCK_WRLOCK, rwlock)
{
	return call_model(OP_RWLOCK_WRLOCK, object_rwlock(rwlock));
}

INTERPOSE(int, pthread_rwlock_tryrdlock, (pthread_rwlock_t * rwlock), (rwlock), OP_RWLOCK_TRYRDLOCK, rwlock)
{
	return try(OP_RWLOCK_TRYRDLOCK, rwlock);
}

INTERPOSE(int, pthread_rwlock_trywrlock, (pthread_rwlock_t * rwlock), (rwlock), OP_RWLOCK_TRYWRLOCK, rwlock)
{
	return try(OP_RWLOCK_TRYWRLOCK, rwlock);
}

INTERPOSE(int, pthread_rwlock_timedrdlock, (pthread_rwlock_t * rwlock, const struct timespec *deadline),
	(rwlock, deadline), OP_RWLOCK_TIMEDRDLOCK, rwlock)
{
	return call_timed(OP_RWLOCK_TIMEDRDLOCK, object_rwlock(rwlock), CLOCK_REALTIME, deadline);
}

INTERPOSE(int, pthread_rwlock_timedwrlock, (pthread_rwlock_t * rwlock, const struct timespec *deadline),
	(rwlock, deadline), OP_RWLOCK_TIMEDWRLOCK, rwlock)
{
	return call_timed(OP_RWLOCK_TIMEDWRLOCK, object_rwlock(rwlock), CLOCK_REALTIME, deadline);
}

INTERPOSE(int, pthread_rwlock_clockrdlock,
	(pthread_rwlock_t * rwlock, clockid_t clock, const struct timespec *deadline), (rwlock, clock, deadline), OP_RWLOCK_TIMEDRDLOCK, rwlock)
{
	return call_timed(OP_RWLOCK_TIMEDRDLOCK, object_rwlock(rwlock), clock, deadline);
}

INTERPOSE(int, pthread_rwlock_clockwrlock,
	(pthread_rwlock_t * rwlock, clockid_t clock, const struct timespec *deadline), (rwlock, clock, deadline), OP_RWLOCK_TIMEDWRLOCK, rwlock)
{
	return call_timed(OP_RWLOCK_TIMEDWRLOCK, object_rwlock(rwlock), clock, deadline);
}

INTERPOSE(int, pthread_rwlock_unlock, (pthread_rwlock_t * rwlock), (rwlock), OP_RWLOCK_UNLOCK, rwlock)
{
	return call_model(OP_RWLOCK_UNLOCK, object_rwlock(rwlock));
}

INTERPOSE(int, pthread_rwlock_destroy, (pthread_rwlock_t * rwlock), (rwlock), OP_RWLOCK_DESTROY, rwlock)
{
	uint32_t object = object_rwlock(rwlock);
	int error = call_model(OP_RWLOCK_DESTROY, object);

	object_forget(rwlock, object);
	return error;
}
