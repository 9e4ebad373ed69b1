/* Mutexes: models only. The genuine init functions write the bytes from which a model is adopted. */
#include "call.h"

#include <pthread.h>

#include "idle.h"

enum { OF_HEAP = 0x4845 }; /* in a field that only elision uses, and initialisers clear */

/*
 * An allocator's mutex is genuine: taken and given back without a point in between, so nobody has to wait for it for long.
 * It is marked, because functions may end in a jump to this library, which their caller then seems to call.
 */
static bool is_of_heap(pthread_mutex_t *mutex)
{
	if (object_is_mutex(mutex))
		return false;
	if (module_is_heap(self.site))
		mutex->__data.__elision = OF_HEAP;
	return mutex->__data.__elision == OF_HEAP;
}

INTERPOSE(int, pthread_mutex_lock, (pthread_mutex_t * mutex), (mutex), OP_MUTEX_LOCK, mutex)
{
	if (is_of_heap(mutex))
		return genuine_pthread_mutex_lock(mutex);
	return call_model(OP_MUTEX_LOCK, object_mutex(mutex));
}

INTERPOSE(int, pthread_mutex_trylock, (pthread_mutex_t * mutex), (mutex), OP_MUTEX_TRYLOCK, mutex)
{
	if (is_of_heap(mutex))
		return genuine_pthread_mutex_trylock(mutex);
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
	if (is_of_heap(mutex))
		return genuine_pthread_mutex_unlock(mutex);
	return call_model(OP_MUTEX_UNLOCK, object_mutex(mutex));
}

INTERPOSE(int, pthread_mutex_consistent, (pthread_mutex_t * mutex), (mutex), OP_MUTEX_CONSISTENT, mutex)
{
	return call_model(OP_MUTEX_CONSISTENT, object_mutex(mutex));
}

INTERPOSE(int, pthread_mutex_destroy, (pthread_mutex_t * mutex), (mutex), OP_MUTEX_DESTROY, mutex)
{
	if (is_of_heap(mutex))
		return genuine_pthread_mutex_destroy(mutex);
	uint32_t object = object_mutex(mutex);
	int error = call_model(OP_MUTEX_DESTROY, object);

	if (error == 0)
		object_forget(mutex, object);
	return error;
}
