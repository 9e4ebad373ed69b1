/* Timers that send signals, on the virtual clock: alarm, setitimer, timer_create. */
#include "call.h"

#include <signal.h>
#include <string.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "timer.h"

enum { TIMERS = 32, TIMER_TAG = 0x72000000 };

static uint32_t alarm_timer;
static uint64_t alarm_interval_ns;

static uint64_t set_alarm(uint64_t after_ns, uint64_t interval_ns)
{
	uint64_t left = timer_disarm(alarm_timer);

	alarm_timer = after_ns ? timer_arm(after_ns, interval_ns, SIGALRM) : 0;
	alarm_interval_ns = interval_ns;
	return left;
}

INTERPOSE(unsigned int, alarm, (unsigned int seconds), (seconds))
{
	uint64_t left = set_alarm(seconds * 1000000000ULL, 0);

	return (unsigned int)((left + 999999999) / 1000000000);
}

static uint64_t of_timeval(const struct timeval *value)
{
	return (uint64_t)value->tv_sec * 1000000000 + (uint64_t)value->tv_usec * 1000;
}

static struct timeval to_timeval(uint64_t ns)
{
	return (struct timeval){(time_t)(ns / 1000000000), (suseconds_t)(ns % 1000000000 / 1000)};
}

INTERPOSE(int, setitimer, (__itimer_which_t which, const struct itimerval *value, struct itimerval *old),
	(which, value, old))
{
	if (which != ITIMER_REAL)
		return genuine_setitimer(which, value, old); /* CPU time is real */
	uint64_t interval_ns = alarm_interval_ns;
	uint64_t left = set_alarm(of_timeval(&value->it_value), of_timeval(&value->it_interval));
	if (old)
		*old = (struct itimerval){.it_interval = to_timeval(interval_ns), .it_value = to_timeval(left)};
	return 0;
}

INTERPOSE(int, getitimer, (__itimer_which_t which, struct itimerval *value), (which, value))
{
	if (which != ITIMER_REAL)
		return genuine_getitimer(which, value);
	*value = (struct itimerval){to_timeval(alarm_interval_ns), to_timeval(timer_left(alarm_timer))};
	return 0;
}

/*
 * timer_create: the handle is our row's number, tagged so that it is none of the kernel's. One that sends nothing is a
 * time to be asked for; nobody is to be let go on for its sake.
 */
static struct row {
	int number;           /* of its signal; 0: it sends none */
	clockid_t clock;
	uint32_t timer;
	uint64_t deadline_ns; /* of one that sends nothing; 0: it is not armed */
	uint64_t interval_ns;
	bool used;
} rows[TIMERS];

static int row_of(timer_t timer)
{
	uintptr_t value = (uintptr_t)timer;

	return (value & ~(uintptr_t)0xff) == TIMER_TAG && (value & 0xff) < TIMERS && rows[value & 0xff].used
		? (int)(value & 0xff) : -1;
}

INTERPOSE(int, timer_create, (clockid_t clock, struct sigevent *event, timer_t *timer), (clock, event, timer))
{
	int row = 0;

	if (vclock_is_processor(clock)) /* CPU time is real, as with setitimer */
		return genuine_timer_create(clock, event, timer);
	if (!vclock_has(clock) || (event && event->sigev_notify != SIGEV_SIGNAL && event->sigev_notify != SIGEV_NONE)) {
		control_uncontrolled(UNCONTROLLED_FOREIGN_THREAD, self.site, "timer_create");
		return genuine_timer_create(clock, event, timer);
	}
	while (row < TIMERS && rows[row].used)
		row++;
	if (row == TIMERS)
		return call_error(EAGAIN);
	rows[row] = (struct row){.used = true, .clock = clock};
	rows[row].number = !event ? SIGALRM : event->sigev_notify == SIGEV_NONE ? 0 : event->sigev_signo;
	*timer = (timer_t)(uintptr_t)(TIMER_TAG | row);
	return 0;
}

static uint64_t of_timespec(const struct timespec *value)
{
	return (uint64_t)value->tv_sec * 1000000000 + (uint64_t)value->tv_nsec;
}

static struct timespec to_timespec(uint64_t ns)
{
	return (struct timespec){(time_t)(ns / 1000000000), (long)(ns % 1000000000)};
}

/* Without signals nobody else notes that an interval is over. */
static uint64_t left_of(const struct row *row)
{
	uint64_t now = control->world.now_ns;

	if (row->number || row->deadline_ns == 0)
		return row->number ? timer_left(row->timer) : 0;
	if (row->deadline_ns > now)
		return row->deadline_ns - now;
	return row->interval_ns ? row->interval_ns - (now - row->deadline_ns) % row->interval_ns : 0;
}

static void disarm(struct row *row)
{
	timer_disarm(row->timer);
	row->timer = 0;
	row->deadline_ns = 0;
}

static void arm(struct row *row, uint64_t after_ns)
{
	if (row->number)
		row->timer = timer_arm(after_ns, row->interval_ns, row->number);
	else
		row->deadline_ns = vclock_after(after_ns);
}

INTERPOSE(int, timer_settime, (timer_t timer, int flags, const struct itimerspec *value, struct itimerspec *old),
	(timer, flags, value, old))
{
	int row = row_of(timer);
	uint64_t after_ns;

	if (row < 0)
		return genuine_timer_settime(timer, flags, value, old);
	if (old)
		*old = (struct itimerspec){to_timespec(rows[row].interval_ns), to_timespec(left_of(&rows[row]))};
	disarm(&rows[row]);
	rows[row].interval_ns = of_timespec(&value->it_interval);
	after_ns = of_timespec(&value->it_value);
	if (after_ns == 0)
		return 0;
	if ((flags & TIMER_ABSTIME) && vclock_deadline(rows[row].clock, &value->it_value, &after_ns))
		after_ns = after_ns > control->world.now_ns ? after_ns - control->world.now_ns : 1;
	arm(&rows[row], after_ns);
	return 0;
}

INTERPOSE(int, timer_gettime, (timer_t timer, struct itimerspec *value), (timer, value))
{
	int row = row_of(timer);

	if (row < 0)
		return genuine_timer_gettime(timer, value);
	*value = (struct itimerspec){to_timespec(rows[row].interval_ns), to_timespec(left_of(&rows[row]))};
	return 0;
}

INTERPOSE(int, timer_delete, (timer_t timer), (timer))
{
	int row = row_of(timer);

	if (row < 0)
		return genuine_timer_delete(timer);
	disarm(&rows[row]);
	rows[row].used = false;
	return 0;
}
