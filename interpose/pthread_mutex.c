/* Mutexes: models only. The genuine init functions write the bytes from which a model is adopted. */
#include "call.h"

#include <pthread.h>

#include "idle.h"

INTERPOSE(int, pthread_mutex_lock, (pthread_mutex_t * mutex), (mutex), OP_MUTEX_LOCK, mutex)
{
	return call_model(OP_MUTEX_LOCK, object_mutex(mutex));
}

INTERPOSE(int, pthread_mutex_trylock, (pthread_mutex_t * mutex), (mutex), OP_MUTEX_TRYLOCK, mutex)
{
	uint32_t object = object_mutex(mutex);
	int error = call_model(OP_MUTEX_TRYLOCK, object);

	idle_try(object, error == EBUSY);
	return error;
}

INTERPOSE(int, pthread_mutex_timedlock, (pthread_mutex_t * mutex, const struct timespec *deadline), (mutex, deadline),
	OP_MUTEX_TIMEDLOCK, mutex)
{
	return call_timed(OP_MUTEX_TIMEDLOCK, object_mutex(mutex), CLOCK_REALTIME, deadline);
}

INTERPOSE(int, pthread_mutex_clocklock, (pthread_mutex_t * mutex, clockid_t clock, const struct timespec *deadline),
	(mutex, clock, deadline), OP_MUTEX_TIMEDLOCK, mutex)
{
	return call_timed(OP_MUTEX_TIMEDLOCK, object_mutex(mutex), clock, deadline);
}

INTERPOSE(int, pthread_mutex_unlock, (pthread_mutex_t * mutex), (mutex), OP_MUTEX_UNLOCK, mutex)
{
	return call_model(OP_MUTEX_UNLOCK, object_mutex(mutex));
}

INTERPOSE(int, pthread_mutex_consistent, (pthread_mutex_t * mutex), (mutex), OP_MUTEX_CONSISTENT, mutex)
{
	return call_model(OP_MUTEX_CONSISTENT, object_mutex(mutex));
}

INTERPOSE(int, pthread_mutex_destroy, (pthread_mutex_t * mutex), (mutex), OP_MUTEX_DESTROY, mutex)
{
	uint32_t object = object_mutex(mutex);
	int error = call_model(OP_MUTEX_DESTROY, object);

	if (error == 0)
		object_forget(mutex, object);
	return error;
}
