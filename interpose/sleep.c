/* Sleeps: time passes for all when nobody else can go, or when the plan says that it has. */
#include "sleep.h"

#include "call.h"
#include "session.h"

#include <sched.h>
#include <time.h>
#include <unistd.h>

int sleep_until(uint64_t deadline_ns)
{
	struct request request = call_request(OP_SLEEP, 0);

	request.flags |= REQUEST_TIMED | REQUEST_HOLD | REQUEST_INTERRUPT;
	request.deadline_ns = deadline_ns;
	return (int)cancel_point(&request);
}

void sleep_yield(void)
{
	call_model(OP_YIELD, 0);
}

int sleep_for(uint64_t span_ns, uint64_t *left_ns)
{
	uint64_t deadline_ns = vclock_after(span_ns);

	*left_ns = 0;
	if (span_ns == 0) {
		cancel_act();
		sleep_yield();
		return 0;
	}
	if (session_is_greeted()) {
		vclock_pass(deadline_ns);
		return 0;
	}
	int error = sleep_until(deadline_ns);
	if (error && deadline_ns > control->world.now_ns)
		*left_ns = deadline_ns - control->world.now_ns;
	return error;
}

/* 0 or an errno value, as clock_nanosleep. */
static int sleep_span(const struct timespec *span, struct timespec *left)
{
	uint64_t span_ns, left_ns;

	if (!vclock_span(span, &span_ns))
		return EINVAL;
	int error = sleep_for(span_ns, &left_ns);
	if (error && left)
		*left = call_timespec(left_ns);
	return error;
}

INTERPOSE(int, nanosleep, (const struct timespec *span, struct timespec *left), (span, left))
{
	return call_errno(sleep_span(span, left));
}

INTERPOSE(int, clock_nanosleep, (clockid_t clock, int flags, const struct timespec *span, struct timespec *left),
	(clock, flags, span, left))
{
	uint64_t deadline_ns;

	if (!vclock_has(clock) || clock == CLOCK_THREAD_CPUTIME_ID)
		return genuine_clock_nanosleep(clock, flags, span, left);
	if (!(flags & TIMER_ABSTIME))
		return sleep_span(span, left);
	if (!vclock_deadline(clock, span, &deadline_ns))
		return EINVAL;
	return sleep_until(deadline_ns);
}

INTERPOSE(int, usleep, (useconds_t span_us), (span_us))
{
	uint64_t left_ns;

	return call_errno(sleep_for((uint64_t)span_us * 1000, &left_ns));
}

INTERPOSE(unsigned int, sleep, (unsigned int seconds), (seconds))
{
	uint64_t left_ns;

	sleep_for((uint64_t)seconds * 1000000000, &left_ns);
	return (unsigned int)((left_ns + 500000000) / 1000000000);
}

INTERPOSE(int, sched_yield, (void), ())
{
	sleep_yield();
	return 0;
}

/* pthread.h no longer lets anybody name it, but older programs import it. */
INTERPOSE_EXPORT int sleep_pthread_yield(void) __asm__("pthread_yield");

int sleep_pthread_yield(void)
{
	struct guard guard __attribute__((cleanup(guard_leave))) = {0};

	if (!guard_enter(&guard, &entry_sched_yield, __builtin_return_address(0)))
		return genuine_sched_yield();
	sleep_yield();
	return 0;
}
