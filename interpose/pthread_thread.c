/* Creating, joining and ending threads. */
#include "call.h"

#include <pthread.h>
#include <string.h>

#include "start.h"

enum { PARCELS = LIMIT_TASKS };

/* What a new thread is told; a slot per task, so that nothing is allocated. */
static struct parcel {
	void *(*routine)(void *);
	void *argument;
} parcels[PARCELS];

static void *trampoline(void *argument)
{
	uint32_t task = (uint32_t)(uintptr_t)argument;
	struct parcel *parcel = &parcels[task];

	self.inside = 1;
	start_thread(task);
	point_begin();
	self.inside = 0;
	void *value = parcel->routine(parcel->argument);
	task_self()->exit_value = (uint64_t)(uintptr_t)value;
	return value;
}

INTERPOSE_EXPORT int pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*routine)(void *),
	void *argument);
static int (*genuine_pthread_create)(pthread_t *, const pthread_attr_t *, void *(*)(void *), void *);
INTERPOSE_TABLE(pthread_create, LIBC, NULL);

static int create(pthread_t *thread, const pthread_attr_t *attributes, void *(*routine)(void *), void *argument)
{
	struct request request = call_request(OP_CREATE, 0);
	char name[LIMIT_NAME_BYTES];
	int detached = PTHREAD_CREATE_JOINABLE;

	point_announce(&request);
	module_function_name((uint64_t)(uintptr_t)routine, name, sizeof name - 8);
	uint32_t task = task_new(false, (uint64_t)(uintptr_t)routine, name);
	if (task == 0) {
		point_done(EAGAIN, 0);
		return EAGAIN;
	}
	parcels[task] = (struct parcel){routine, argument};
	int error = genuine_pthread_create(thread, attributes, trampoline, (void *)(uintptr_t)task);
	point_ensure();
	if (error) {
		task_drop(task);
	} else {
		task_set_handle(task, *thread);
		if (attributes && pthread_attr_getdetachstate(attributes, &detached) == 0 &&
			detached == PTHREAD_CREATE_DETACHED)
			control->world.tasks[task].flags |= TASK_DETACHED;
	}
	point_done(error, 0);
	return error;
}

int pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*routine)(void *), void *argument)
{
	struct guard guard __attribute__((cleanup(guard_leave))) = {0};

	if (control_mode == CONTROL_CONTROL && self.task == 0 && self.inside == 0)
		start_control(); /* a constructor makes threads: control begins here */
	if (!guard_enter(&guard, &entry_pthread_create, __builtin_return_address(0)))
		return genuine_pthread_create(thread, attributes, routine, argument);
	return create(thread, attributes, routine, argument);
}

/* Waits on the model until the thread has ended; then the genuine join waits for the kernel. */
static int join(pthread_t thread, void **value, struct request *request, int (*genuine)(pthread_t, void **))
{
	uint32_t task = task_by_handle(thread);

	if (task == 0 || task == self.task)
		return genuine(thread, value);
	request->object = control->world.tasks[task].object;
	point_announce(request);
	int error = (int)point_apply();
	if (error == 0) {
		error = genuine(thread, value);
		point_ensure();
		control->world.tasks[task].flags |= TASK_JOINED;
	}
	point_done(error, 0);
	return error;
}

INTERPOSE(int, pthread_join, (pthread_t thread, void **value), (thread, value))
{
	struct request request = call_request(OP_JOIN, 0);

	return join(thread, value, &request, genuine_pthread_join);
}


INTERPOSE(int, pthread_tryjoin_np, (pthread_t thread, void **value), (thread, value))
{
	struct request request = call_request(OP_TRYJOIN, 0);

	return join(thread, value, &request, genuine_pthread_join);
}

INTERPOSE(int, pthread_timedjoin_np, (pthread_t thread, void **value, const struct timespec *deadline),
	(thread, value, deadline))
{
	struct request request = call_request(OP_JOIN, 0);

	request.flags |= REQUEST_TIMED;
	if (!vclock_deadline(CLOCK_REALTIME, deadline, &request.deadline_ns))
		return EINVAL;
	return join(thread, value, &request, genuine_pthread_join);
}

INTERPOSE(int, pthread_clockjoin_np, (pthread_t thread, void **value, clockid_t clock, const struct timespec *deadline),
	(thread, value, clock, deadline))
{
	struct request request = call_request(OP_JOIN, 0);

	request.flags |= REQUEST_TIMED;
	if (!vclock_deadline(clock, deadline, &request.deadline_ns))
		return EINVAL;
	return join(thread, value, &request, genuine_pthread_join);
}

INTERPOSE(int, pthread_detach, (pthread_t thread), (thread))
{
	uint32_t task = task_by_handle(thread);

	if (task)
		control->world.tasks[task].flags |= TASK_DETACHED;
	return genuine_pthread_detach(thread);
}

INTERPOSE_NORETURN(pthread_exit, (void *value), (value))
{
	task_self()->exit_value = (uint64_t)(uintptr_t)value;
	self.inside = 0;
	genuine_pthread_exit(value);
}
