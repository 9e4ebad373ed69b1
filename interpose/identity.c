/*
 * Who a thread is to the kernel: its number, its name, what is asked for by them. On a carrier whose tasks share one
 * kernel thread, the kernel knows nothing of them, and what a program would be told stands here; what is not kept
 * here needs threads of the kernel.
 */
#include "call.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <string.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

#include "affinity.h"
#include "carrier.h"
#include "sys.h"

enum { NAME_BYTES = 16 };

/* What threads are called that are not called as those which made them; "" otherwise. */
static char names[LIMIT_TASKS][NAME_BYTES];

static int (*genuine_prctl)(int, ...);
INTERPOSE_TABLE(prctl, LIBC, NULL);
INTERPOSE_EXPORT int prctl(int option, ...);

static bool is_shared(void)
{
	return !carrier_current()->parallel;
}

static uint32_t task_of(pthread_t thread)
{
	return thread == pthread_self() ? self.task : task_by_handle(thread);
}

INTERPOSE(pid_t, gettid, (void), ())
{
	return carrier_current()->tid(self.task);
}

static void get_name(uint32_t task, char *name)
{
	for (; task != 0; task = control->world.tasks[task].parent) {
		if (control->world.tasks[task].process != control_process || names[task][0] == '\0')
			continue;
		memcpy(name, names[task], NAME_BYTES);
		return;
	}
	sys_call3(SYS_prctl, PR_GET_NAME, (long)name, 0);
}

/* The first thread's name is that of the process, for all to see. */
static void set_name(uint32_t task, const char *name)
{
	strncpy(names[task], name, NAME_BYTES - 1);
	if (control->world.tasks[task].flags & TASK_MAIN)
		genuine_prctl(PR_SET_NAME, (long)name, 0, 0, 0);
}

INTERPOSE(int, pthread_setname_np, (pthread_t thread, const char *name), (thread, name))
{
	uint32_t task = is_shared() ? task_of(thread) : 0;

	if (task == 0)
		return genuine_pthread_setname_np(thread, name);
	if (strlen(name) >= NAME_BYTES)
		return ERANGE;
	set_name(task, name);
	return 0;
}

INTERPOSE(int, pthread_getname_np, (pthread_t thread, char *name, size_t nbytes), (thread, name, nbytes))
{
	uint32_t task = is_shared() ? task_of(thread) : 0;

	if (task == 0)
		return genuine_pthread_getname_np(thread, name, nbytes);
	if (nbytes < NAME_BYTES)
		return ERANGE;
	get_name(task, name);
	return 0;
}

int prctl(int option, ...)
{
	struct guard guard __attribute__((cleanup(guard_leave))) = {0};
	unsigned long with[4];
	va_list list;

	va_start(list, option);
	for (int i = 0; i < 4; i++)
		with[i] = va_arg(list, unsigned long);
	va_end(list);
	bool names_it = option == PR_SET_NAME || option == PR_GET_NAME;
	if (!guard_enter(&guard, &entry_prctl, __builtin_return_address(0)) || !names_it || !is_shared()) {
		int result = genuine_prctl(option, with[0], with[1], with[2], with[3]);
		if (guard.entered)
			self.error = errno;
		return result;
	}
	if (option == PR_SET_NAME)
		set_name(self.task, (const char *)with[0]);
	else
		get_name(self.task, (char *)with[0]);
	return 0;
}

/* The genuine one has filled in all but the processors before it finds that the kernel does not know the thread. */
INTERPOSE(int, pthread_getattr_np, (pthread_t thread, pthread_attr_t *attributes), (thread, attributes))
{
	uint32_t task = is_shared() ? task_of(thread) : 0;
	uint64_t mask[sizeof control->affinity / sizeof *control->affinity] = {0};
	int error = genuine_pthread_getattr_np(thread, attributes);

	if (error != ESRCH || task == 0)
		return error;
	affinity_get(carrier_current()->tid(task), sizeof mask, mask);
	return pthread_attr_setaffinity_np(attributes, sizeof mask, (const cpu_set_t *)mask);
}

/* Processor time is the same for all tasks. */
INTERPOSE(int, pthread_getcpuclockid, (pthread_t thread, clockid_t *clock), (thread, clock))
{
	if (!is_shared() || task_of(thread) == 0)
		return genuine_pthread_getcpuclockid(thread, clock);
	*clock = CLOCK_THREAD_CPUTIME_ID;
	return 0;
}

INTERPOSE(int, pthread_getschedparam, (pthread_t thread, int *policy, struct sched_param *parameter),
	(thread, policy, parameter))
{
	if (task_of(thread) != 0)
		carrier_require_parallel(CARRIER_LOSS_SCHEDULING);
	return genuine_pthread_getschedparam(thread, policy, parameter);
}

INTERPOSE(int, pthread_setschedparam, (pthread_t thread, int policy, const struct sched_param *parameter),
	(thread, policy, parameter))
{
	if (task_of(thread) != 0)
		carrier_require_parallel(CARRIER_LOSS_SCHEDULING);
	return genuine_pthread_setschedparam(thread, policy, parameter);
}

INTERPOSE(int, pthread_setschedprio, (pthread_t thread, int priority), (thread, priority))
{
	if (task_of(thread) != 0)
		carrier_require_parallel(CARRIER_LOSS_SCHEDULING);
	return genuine_pthread_setschedprio(thread, priority);
}

INTERPOSE(int, pthread_sigqueue, (pthread_t thread, int number, const union sigval value), (thread, number, value))
{
	if (task_of(thread) != 0)
		carrier_require_parallel(CARRIER_LOSS_SIGNAL);
	return genuine_pthread_sigqueue(thread, number, value);
}

/* Each thread may have a stack for handlers. */
INTERPOSE(int, sigaltstack, (const stack_t *stack, stack_t *old), (stack, old))
{
	carrier_current()->keep_altstack();
	return (int)call_slept(genuine_sigaltstack(stack, old));
}
