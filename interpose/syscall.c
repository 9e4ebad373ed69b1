/*
 * syscall(): system calls that the program makes by number. Those whose named function is interposed do what that one
 * does; all others are genuine.
 */
#include "call.h"

#include <sched.h>
#include <stdarg.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "affinity.h"
#include "carrier.h"
#include "clone.h"
#include "credentials.h"
#include "futex.h"
#include "idle.h"
#include "random.h"
#include "signal.h"
#include "signalfd.h"
#include "sleep.h"
#include "start.h"
#include "sys.h"

struct arguments {
	long a, b, c, d, e, f;
};

static long (*genuine_syscall)(long, ...);
INTERPOSE_TABLE(syscall, LIBC, NULL);
INTERPOSE_EXPORT long syscall(long number, ...);

static long genuine(long number, const struct arguments *with)
{
	call_user_begin();
	long result = genuine_syscall(number, with->a, with->b, with->c, with->d, with->e, with->f);
	call_user_end();
	return result;
}

/* A number, or a negative errno, as the caller of syscall() gets it. */
static long result_of(long result)
{
	return result < 0 && result > -4096 ? call_error((int)-result) : result;
}

static long clock_get(clockid_t clock, struct timespec *now)
{
	idle_look();
	*now = call_timespec(vclock_read(clock));
	return 0;
}

static long sleep_until_time(clockid_t clock, int flags, const struct timespec *time, struct timespec *left)
{
	uint64_t time_ns, left_ns;

	if (flags & TIMER_ABSTIME)
		return vclock_deadline(clock, time, &time_ns) ? -sleep_until(time_ns) : -EINVAL;
	if (!vclock_span(time, &time_ns))
		return -EINVAL;
	int error = sleep_for(time_ns, &left_ns);
	if (error && left)
		*left = call_timespec(left_ns);
	return -error;
}

static long get_random(void *buffer, long nbytes)
{
	random_fill(buffer, (size_t)nbytes);
	return nbytes;
}

static long yield(void)
{
	sleep_yield();
	return 0;
}

/* The thread ends without what pthread_exit does. */
static long end_thread(const struct arguments *with)
{
	if (task_live() > 1)
		point_exit_task(0);
	else
		point_exit_process((int)(with->a & 0xff) << 8);
	return genuine(SYS_exit, with);
}

static long end_process(const struct arguments *with)
{
	point_exit_process((int)(with->a & 0xff) << 8);
	return genuine(SYS_exit_group, with);
}

static uint64_t clone_flags(long number, const struct arguments *with)
{
	switch (number) {
	case SYS_clone: return (uint64_t)with->a;
	case SYS_clone3: return with->a ? *(const uint64_t *)with->a : 0;
	case SYS_vfork: return CLONE_VM;
	default: return 0;
	}
}

/* What is born this way is a stranger: it leaves the world to its parent. */
static long make_stranger(long number, const struct arguments *with)
{
	uint64_t flags = clone_flags(number, with);

	clone_begin(flags, "syscall");
	long result = genuine(number, with);
	if (result == 0 && !(flags & CLONE_VM)) {
		control_mode = CONTROL_PASS;
		self_be(0);
	}
	return result;
}

static long timed(long number, const struct arguments *with)
{
	if (number == SYS_nanosleep)
		return result_of(sleep_until_time(CLOCK_MONOTONIC, 0, (void *)with->a, (void *)with->b));
	if (!vclock_has((clockid_t)with->a))
		return genuine(number, with);
	if (number == SYS_clock_gettime)
		return clock_get((clockid_t)with->a, (struct timespec *)with->b);
	return result_of(sleep_until_time((clockid_t)with->a, (int)with->b, (void *)with->c, (void *)with->d));
}

static long dispatch(long number, const struct arguments *with)
{
	switch (number) {
	case SYS_futex:
		return result_of(futex_call((uint32_t *)with->a, (int)with->b, (uint32_t)with->c, with->d,
			(uint32_t *)with->e, (uint32_t)with->f));
	case SYS_signalfd:
		return result_of(signalfd_make((int)with->a, (void *)with->b, (size_t)with->c, 0));
	case SYS_signalfd4:
		return result_of(signalfd_make((int)with->a, (void *)with->b, (size_t)with->c, (int)with->d));
	case SYS_sched_yield:
		return yield();
	case SYS_sched_getaffinity:
		return result_of(affinity_get((int)with->a, (size_t)with->b, (void *)with->c));
	case SYS_getcpu:
		return result_of(affinity_locate((unsigned int *)with->a, (unsigned int *)with->b));
	case SYS_nanosleep:
	case SYS_clock_nanosleep:
	case SYS_clock_gettime:
		return timed(number, with);
	case SYS_getrandom:
		return get_random((void *)with->a, with->b);
	case SYS_gettid:
		return carrier_current()->tid(self.task);
	case SYS_tgkill:
		return task_by_tid((int)with->b) ? signal_thread((int)with->b, (int)with->c) : genuine(number, with);
	case SYS_tkill:
		return task_by_tid((int)with->a) ? signal_thread((int)with->a, (int)with->b) : genuine(number, with);
	case SYS_kill:
		return signal_kill((pid_t)with->a, (int)with->b);
	case SYS_exit:
		return end_thread(with);
	case SYS_exit_group:
		return end_process(with);
	case SYS_setuid: case SYS_setreuid: case SYS_setresuid: case SYS_setfsuid:
	case SYS_setgid: case SYS_setregid: case SYS_setresgid: case SYS_setfsgid: case SYS_setgroups:
		credentials_begin();
		return genuine(number, with);
	case SYS_clone:
	case SYS_clone3:
	case SYS_fork:
	case SYS_vfork:
		return make_stranger(number, with);
	default:
		return genuine(number, with);
	}
}

long syscall(long number, ...)
{
	struct guard guard __attribute__((cleanup(guard_leave))) = {0};
	struct arguments with;
	va_list list;

	va_start(list, number);
	with.a = va_arg(list, long);
	with.b = va_arg(list, long);
	with.c = va_arg(list, long);
	with.d = va_arg(list, long);
	with.e = va_arg(list, long);
	with.f = va_arg(list, long);
	va_end(list);
	if (!guard_enter(&guard, &entry_syscall, __builtin_return_address(0)))
		return genuine_syscall(number, with.a, with.b, with.c, with.d, with.e, with.f);
	return dispatch(number, &with);
}
