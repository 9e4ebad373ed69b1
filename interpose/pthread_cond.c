/* Condition variables. A wait is two operations: it gives the mutex back and sleeps, then it wakes with the mutex. */
#include "pthread_cond.h"

#include "call.h"

/* On x86-64 each of these exists twice; the other one is for programs linked before 2003, and the same to us. */
#define COND(result, name, parameters, arguments, ...) \
	INTERPOSE_VERSION("GLIBC_2.3.2", result, name, parameters, arguments __VA_OPT__(, ) __VA_ARGS__)


/*
 * Asleep until woken. Being woken comes before being cancelled: a signal that was taken is not lost. What ends the wait
 * otherwise is a spurious wake-up to the program.
 */
static int wake(struct request *request)
{
	if (!self.uncancellable)
		request->flags |= REQUEST_CANCEL;
	int64_t error = point(request);
	if (error == EINTR)
		cancel_act();
	return error == EINTR ? 0 : (int)error;
}

int pthread_cond_await(pthread_cond_t *cond, pthread_mutex_t *mutex, clockid_t clock, const struct timespec *deadline)
{
	uint32_t object = object_cond(cond);
	struct request request = call_request(deadline ? OP_COND_TIMEDWAIT : OP_COND_WAIT, object);

	if (clock == PTHREAD_COND_OWN_CLOCK)
		clock = control->world.objects[object].flags & OBJECT_MONOTONIC ? CLOCK_MONOTONIC : CLOCK_REALTIME;
	if (deadline && !vclock_deadline(clock, deadline, &request.deadline_ns))
		return EINVAL;
	request.second = object_mutex(mutex);
	cancel_act();
	int error = (int)point(&request);
	if (error)
		return error;
	request.op = OP_COND_WAKE;
	if (deadline)
		request.flags |= REQUEST_TIMED;
	return wake(&request);
}

COND(int, pthread_cond_wait, (pthread_cond_t * cond, pthread_mutex_t *mutex), (cond, mutex), OP_COND_WAIT, cond, mutex)
{
	return pthread_cond_await(cond, mutex, PTHREAD_COND_OWN_CLOCK, NULL);
}

COND(int, pthread_cond_timedwait, (pthread_cond_t * cond, pthread_mutex_t *mutex, const struct timespec *deadline),
	(cond, mutex, deadline), OP_COND_TIMEDWAIT, cond, mutex)
{
	return pthread_cond_await(cond, mutex, PTHREAD_COND_OWN_CLOCK, deadline);
}

INTERPOSE(int, pthread_cond_clockwait,
	(pthread_cond_t * cond, pthread_mutex_t *mutex, clockid_t clock, const struct timespec *deadline),
	(cond, mutex, clock, deadline), OP_COND_TIMEDWAIT, cond, mutex)
{
	if (clock != CLOCK_REALTIME && clock != CLOCK_MONOTONIC)
		return EINVAL;
	return pthread_cond_await(cond, mutex, clock, deadline);
}

COND(int, pthread_cond_signal, (pthread_cond_t * cond), (cond), OP_COND_SIGNAL, cond)
{
	return call_model(OP_COND_SIGNAL, object_cond(cond));
}

COND(int, pthread_cond_broadcast, (pthread_cond_t * cond), (cond), OP_COND_BROADCAST, cond)
{
	return call_model(OP_COND_BROADCAST, object_cond(cond));
}

COND(int, pthread_cond_destroy, (pthread_cond_t * cond), (cond), OP_COND_DESTROY, cond)
{
	uint32_t object = object_cond(cond);
	int error = call_model(OP_COND_DESTROY, object);

	object_forget(cond, object);
	return error;
}
