/* Threads, mutexes and conditions of C11: the same models, other results. glibc's types have the layout of pthread's. */
#include "call.h"

#include <pthread.h>
#include <threads.h>

#include "idle.h"
#include "once.h"
#include "pthread_cond.h"
#include "pthread_thread.h"
#include "sleep.h"


static int result_of(int error)
{
	switch (error) {
	case 0:
		return thrd_success;
	case EBUSY:
		return thrd_busy;
	case ETIMEDOUT:
		return thrd_timedout;
	case ENOMEM:
	case EAGAIN:
		return thrd_nomem;
	default:
		return thrd_error;
	}
}

INTERPOSE(int, thrd_create, (thrd_t * thread, thrd_start_t routine, void *argument), (thread, routine, argument),
	result_of(pthread_thread_create_observed(thread, routine, argument, (uint64_t)(uintptr_t)__builtin_return_address(0))))
{
	return result_of(pthread_thread_create(thread, routine, argument));
}

INTERPOSE(int, thrd_join, (thrd_t thread, int *result), (thread, result),
	PTHREAD_THREAD_JOIN_OBSERVED(thread, genuine_thrd_join(thread, result)))
{
	void *value;
	int error = pthread_thread_join(thread, &value);

	if (error == 0 && result)
		*result = (int)(intptr_t)value;
	return result_of(error);
}

INTERPOSE(int, thrd_detach, (thrd_t thread), (thread))
{
	uint32_t task = task_by_handle(thread);

	if (task)
		control->world.tasks[task].flags |= TASK_DETACHED;
	return genuine_thrd_detach(thread);
}

INTERPOSE_NORETURN(thrd_exit, (int result), (result))
{
	task_self()->exit_value = (uint64_t)(intptr_t)result;
	self.uncancellable = 1;
	self.asynchronous = 0;
	self.inside = 0;
	genuine_thrd_exit(result);
}

INTERPOSE_VOID(thrd_yield, (void), ())
{
	sleep_yield();
}

/* 0, -1 when a signal ended it, another negative number otherwise. */
INTERPOSE(int, thrd_sleep, (const struct timespec *span, struct timespec *left), (span, left))
{
	uint64_t span_ns, left_ns;

	if (!vclock_span(span, &span_ns))
		return -2;
	int error = sleep_for(span_ns, &left_ns);
	if (error && left)
		*left = call_timespec(left_ns);
	return error ? -1 : 0;
}

static uint32_t object_of(mtx_t *mutex)
{
	return object_mutex((pthread_mutex_t *)mutex);
}

INTERPOSE(int, mtx_lock, (mtx_t * mutex), (mutex), OP_MUTEX_LOCK, mutex)
{
	return result_of(call_model(OP_MUTEX_LOCK, object_of(mutex)));
}

INTERPOSE(int, mtx_trylock, (mtx_t * mutex), (mutex), OP_MUTEX_TRYLOCK, mutex)
{
	uint32_t object = object_of(mutex);
	int error = call_model(OP_MUTEX_TRYLOCK, object);

	idle_try(object, error != 0);
	return result_of(error);
}

INTERPOSE(int, mtx_timedlock, (mtx_t *restrict mutex, const struct timespec *restrict deadline), (mutex, deadline),
	OP_MUTEX_TIMEDLOCK, mutex)
{
	return result_of(call_timed(OP_MUTEX_TIMEDLOCK, object_of(mutex), CLOCK_REALTIME, deadline));
}

INTERPOSE(int, mtx_unlock, (mtx_t * mutex), (mutex), OP_MUTEX_UNLOCK, mutex)
{
	return result_of(call_model(OP_MUTEX_UNLOCK, object_of(mutex)));
}

INTERPOSE_VOID(mtx_destroy, (mtx_t * mutex), (mutex), OP_MUTEX_DESTROY, mutex)
{
	uint32_t object = object_of(mutex);

	if (call_model(OP_MUTEX_DESTROY, object) == 0)
		object_forget(mutex, object);
}

INTERPOSE(int, cnd_wait, (cnd_t * cond, mtx_t *mutex), (cond, mutex), OP_COND_WAIT, cond, mutex)
{
	return result_of(pthread_cond_await((pthread_cond_t *)cond, (pthread_mutex_t *)mutex, PTHREAD_COND_OWN_CLOCK, NULL));
}

INTERPOSE(int, cnd_timedwait, (cnd_t *restrict cond, mtx_t *restrict mutex, const struct timespec *restrict deadline),
	(cond, mutex, deadline), OP_COND_TIMEDWAIT, cond, mutex)
{
	return result_of(pthread_cond_await((pthread_cond_t *)cond, (pthread_mutex_t *)mutex, PTHREAD_COND_OWN_CLOCK, deadline));
}

INTERPOSE(int, cnd_signal, (cnd_t * cond), (cond), OP_COND_SIGNAL, cond)
{
	return result_of(call_model(OP_COND_SIGNAL, object_cond((pthread_cond_t *)cond)));
}

INTERPOSE(int, cnd_broadcast, (cnd_t * cond), (cond), OP_COND_BROADCAST, cond)
{
	return result_of(call_model(OP_COND_BROADCAST, object_cond((pthread_cond_t *)cond)));
}

INTERPOSE_VOID(cnd_destroy, (cnd_t * cond), (cond), OP_COND_DESTROY, cond)
{
	uint32_t object = object_cond((pthread_cond_t *)cond);

	call_model(OP_COND_DESTROY, object);
	object_forget(cond, object);
}

INTERPOSE_VOID(call_once, (once_flag * flag, void (*routine)(void)), (flag, routine))
{
	once_call(&flag->__data, routine);
}
