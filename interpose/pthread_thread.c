/* Creating, joining and ending threads. */
#include "call.h"

#include <pthread.h>
#include <string.h>

#include "berth.h"
#include "carrier.h"
#include "idle.h"
#include "pthread_thread.h"
#include "reuse.h"
#include "start.h"
#include "unwind.h"

static uint64_t routine_of(const struct parcel *parcel)
{
	return (uint64_t)(uintptr_t)(parcel->routine ? (void *)parcel->routine : (void *)parcel->c11_routine);
}

INTERPOSE_CALLER static void *run(const struct parcel *parcel)
{
	void *volatile value; /* kept in between, or this would itself end in a jump */

	self.routine = routine_of(parcel);
	if (parcel->routine)
		value = parcel->routine(parcel->argument);
	else
		value = (void *)(intptr_t)parcel->c11_routine(parcel->argument);
	return value;
}

static void *trampoline(void *argument)
{
	uint32_t task = (uint32_t)(uintptr_t)argument;
	const struct parcel *parcel = &berths[task].parcel;

	self.inside = 1;
	start_thread(task);
	point_begin();
	self.inside = 0;
	if (signals_is_due())
		signals_deliver();
	void *value = run(parcel);
	task_self()->exit_value = (uint64_t)(uintptr_t)value;
	return value;
}

INTERPOSE_EXPORT int pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*routine)(void *),
	void *argument);
static int (*genuine_pthread_create)(pthread_t *, const pthread_attr_t *, void *(*)(void *), void *);
INTERPOSE_TABLE(pthread_create, LIBC, NULL);

static int create(pthread_t *thread, const pthread_attr_t *attributes, const struct parcel *parcel)
{
	struct request request = call_request(OP_CREATE, 0);
	uint64_t routine = routine_of(parcel);
	char name[LIMIT_NAME_BYTES];
	int detached = PTHREAD_CREATE_JOINABLE;

	reuse_current()->offer(attributes);
	point_announce(&request);
	module_function_name(routine, name, sizeof name - 8);
	uint32_t task = task_new(false, routine, name);
	if (task == 0) {
		point_done(EAGAIN, 0);
		return EAGAIN;
	}
	berths[task].parcel = *parcel;
	int error = carrier_current()->create(thread, attributes, trampoline, task);
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

static void note_thread(enum op op, uint32_t task, uint64_t site)
{
	struct ring_event event = {.op = (uint16_t)op, .object = task, .site = site};

	if (observe_is_on())
		observe_write(&event);
}

static void *trampoline_observed(void *argument)
{
	uint32_t task = (uint32_t)(uintptr_t)argument;

	observe_task_bind(task, pthread_self());
	void *value = run(&berths[task].parcel);
	note_thread(OP_EXIT, task, 0);
	return value;
}

static int create_observed(pthread_t *thread, const pthread_attr_t *attributes, const struct parcel *parcel,
	uint64_t site)
{
	observe_begin_process();
	if (observe_modules(site))
		observed_forget();
	uint32_t task = observe_is_on() ? observe_task_new(routine_of(parcel), NULL, false) : 0;
	if (task == 0)
		return genuine_pthread_create(thread, attributes, (void *(*)(void *))routine_of(parcel), parcel->argument);
	berths[task].parcel = *parcel;
	note_thread(OP_CREATE, task, site);
	int error = genuine_pthread_create(thread, attributes, trampoline_observed, (void *)(uintptr_t)task);
	if (error)
		observe_task_joined(task);
	else
		observe_task_made(task, *thread);
	return error;
}

/* A C11 routine differs from a POSIX one in its result alone. */
int pthread_thread_create_observed(pthread_t *thread, int (*routine)(void *), void *argument, uint64_t site)
{
	return create_observed(thread, NULL, &(struct parcel){.c11_routine = routine, .argument = argument}, site);
}

uint32_t pthread_thread_before_join(pthread_t thread)
{
	uint32_t task = observe_is_on() ? observe_task_by_handle(thread) : 0;

	if (task)
		observer.ring->pending = (struct ring_pending){.object = task, .op = OP_JOIN};
	return task;
}

int pthread_thread_joined(uint32_t task, int error, uint64_t site)
{
	if (task == 0)
		return error;
	observer.ring->pending.op = OP_NONE;
	if (error)
		return error;
	observe_task_joined(task);
	note_thread(OP_JOIN, task, site);
	return error;
}

int pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*routine)(void *), void *argument)
{
	uint64_t site = (uint64_t)(uintptr_t)__builtin_return_address(0);
	struct guard guard __attribute__((cleanup(guard_leave))) = {0};

	if (control_mode == CONTROL_CONTROL && self.task == 0 && self.inside == 0)
		start_control(); /* a constructor makes threads: control begins here */
	if (!guard_enter(&guard, &entry_pthread_create, __builtin_return_address(0)))
		return control_mode == CONTROL_OBSERVE ? create_observed(thread, attributes,
			&(struct parcel){.routine = routine, .argument = argument}, site)
			: genuine_pthread_create(thread, attributes, routine, argument);
	return create(thread, attributes, &(struct parcel){.routine = routine, .argument = argument});
}

int pthread_thread_create(pthread_t *thread, int (*routine)(void *), void *argument)
{
	return create(thread, NULL, &(struct parcel){.c11_routine = routine, .argument = argument});
}

static int (*genuine_pthread_join)(pthread_t, void **);

/* Waits on the model until the thread has ended; then for the kernel, where it has a part in it. */
static int join(pthread_t thread, void **value, struct request *request, uint32_t task)
{
	request->object = control->world.tasks[task].object;
	int error = (int)cancel_point(request);
	if (error == 0) {
		error = carrier_current()->join(thread, task, value);
		point_ensure();
	}
	return error;
}

/* One that was joined before, as long as no later thread has got its handle; 0: none of ours. */
static uint32_t joined_before(pthread_t thread)
{
	for (uint32_t id = control->world.ntasks; id > 0; id--)
		if (task_handle(id) == thread && (control->world.tasks[id].flags & TASK_JOINED))
			return id;
	return 0;
}

int pthread_thread_join(pthread_t thread, void **value)
{
	struct request request = call_request(OP_JOIN, 0);
	uint32_t task = task_by_handle(thread);

	if (task == 0)
		task = joined_before(thread);
	return task ? join(thread, value, &request, task) : genuine_pthread_join(thread, value);
}

static int join_until(pthread_t thread, void **value, clockid_t clock, const struct timespec *deadline)
{
	struct request request = call_request(OP_JOIN, 0);
	uint32_t task = task_by_handle(thread);

	request.flags |= REQUEST_TIMED;
	if (!vclock_deadline(clock, deadline, &request.deadline_ns))
		return EINVAL;
	return task ? join(thread, value, &request, task) : ESRCH;
}

INTERPOSE_TABLE(pthread_join, LIBC, NULL);
INTERPOSE_EXPORT int pthread_join(pthread_t thread, void **value);

int pthread_join(pthread_t thread, void **value)
{
	struct guard guard __attribute__((cleanup(guard_leave))) = {0};

	if (!guard_enter(&guard, &entry_pthread_join, __builtin_return_address(0)))
		return PTHREAD_THREAD_JOIN_OBSERVED(thread, genuine_pthread_join(thread, value));
	return pthread_thread_join(thread, value);
}

INTERPOSE(int, pthread_tryjoin_np, (pthread_t thread, void **value), (thread, value),
	PTHREAD_THREAD_JOIN_OBSERVED(thread, genuine_pthread_tryjoin_np(thread, value)))
{
	struct request request = call_request(OP_TRYJOIN, 0);
	uint32_t task = task_by_handle(thread);

	if (task == 0)
		return genuine_pthread_tryjoin_np(thread, value);
	request.object = control->world.tasks[task].object;
	int error = (int)point(&request);
	idle_try(request.object, error != 0);
	return error ? error : carrier_current()->join(thread, task, value);
}

INTERPOSE(int, pthread_timedjoin_np, (pthread_t thread, void **value, const struct timespec *deadline),
	(thread, value, deadline), 
	PTHREAD_THREAD_JOIN_OBSERVED(thread, genuine_pthread_timedjoin_np(thread, value, deadline)))
{
	if (!deadline)
		return pthread_thread_join(thread, value);
	return join_until(thread, value, CLOCK_REALTIME, deadline);
}

INTERPOSE(int, pthread_clockjoin_np, (pthread_t thread, void **value, clockid_t clock, const struct timespec *deadline),
	(thread, value, clock, deadline),
	PTHREAD_THREAD_JOIN_OBSERVED(thread, genuine_pthread_clockjoin_np(thread, value, clock, deadline)))
{
	if (!deadline)
		return pthread_thread_join(thread, value);
	return join_until(thread, value, clock, deadline);
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
	self.uncancellable = 1; /* what runs from here on is not cancelled */
	self.asynchronous = 0;
	self.inside = 0;
	unwind_note();
	genuine_pthread_exit(value);
}
