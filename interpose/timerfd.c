#include "timerfd.h"

#include "call.h"

#include <poll.h>
#include <sys/timerfd.h>

#include "channel.h"
#include "sys.h"

enum { TIMERS = 64, LATENESS_NS = 1000000 };

static struct timer {
	bool used, armed;
	int fd;
	clockid_t clock;
	uint64_t deadline_ns, interval_ns;
	uint64_t expired_ns; /* deadline that passed last */
	uint64_t count; /* expirations that have not been read */
} timers[TIMERS];

static struct timer *timer_of(int fd)
{
	for (int i = 0; i < TIMERS; i++)
		if (timers[i].used && timers[i].fd == fd)
			return &timers[i];
	return NULL;
}

uint64_t timerfd_next(void)
{
	uint64_t next = UINT64_MAX;

	for (int i = 0; i < TIMERS; i++)
		if (timers[i].used && timers[i].armed && timers[i].deadline_ns < next)
			next = timers[i].deadline_ns;
	return next;
}

static void expire(struct timer *timer)
{
	struct itimerspec soon = {.it_value = {.tv_nsec = 1}};
	struct pollfd query = {.fd = timer->fd, .events = POLLIN};
	uint64_t times = 1;

	if (timer->interval_ns)
		times += (control->world.now_ns - timer->deadline_ns) / timer->interval_ns;
	timer->count += times;
	timer->expired_ns = timer->deadline_ns + (times - 1) * timer->interval_ns;
	timer->deadline_ns += times * timer->interval_ns;
	timer->armed = timer->interval_ns != 0;
	if (sys_call(SYS_timerfd_settime, timer->fd, 0, (long)&soon, 0, 0, 0) == 0)
		sys_call3(SYS_poll, (long)&query, 1, -1);
}

void timerfd_fire(void)
{
	for (int i = 0; i < TIMERS; i++)
		if (timers[i].used && timers[i].armed && timers[i].deadline_ns <= control->world.now_ns)
			expire(&timers[i]);
}

bool timerfd_is_due(int fd)
{
	const struct timer *timer = timer_of(fd);

	return timer && timer->count > 0 && control->world.now_ns - timer->expired_ns < LATENESS_NS;
}

bool timerfd_take(int fd, uint64_t *count)
{
	struct timer *timer = timer_of(fd);

	if (!timer)
		return false;
	*count = timer->count;
	timer->count = 0;
	return true;
}

void timerfd_forget(unsigned int first, unsigned int last)
{
	for (int i = 0; i < TIMERS; i++)
		if (timers[i].used && (unsigned int)timers[i].fd >= first && (unsigned int)timers[i].fd <= last)
			timers[i].used = false;
}

INTERPOSE(int, timerfd_create, (int clock, int flags), (clock, flags))
{
	int row = 0, fd = genuine_timerfd_create(clock, flags);

	if (fd < 0)
		return call_error(errno);
	timerfd_forget((unsigned int)fd, (unsigned int)fd);
	while (row < TIMERS && timers[row].used)
		row++;
	if (row == TIMERS) {
		control_limit(LIMIT_ID_CHANNELS, self.site);
		return fd;
	}
	timers[row] = (struct timer){.used = true, .fd = fd, .clock = clock};
	channel_mark(fd, CHANNEL_TIMER);
	return fd;
}

static struct itimerspec value_of(const struct timer *timer)
{
	uint64_t now = control->world.now_ns, left = 0;

	if (timer->armed)
		left = timer->deadline_ns > now ? timer->deadline_ns - now : 1;
	return (struct itimerspec){.it_value = call_timespec(left), .it_interval = call_timespec(timer->interval_ns)};
}

/* False: no valid time. */
static bool arm(struct timer *timer, int flags, const struct itimerspec *value)
{
	uint64_t value_ns, interval_ns, deadline_ns;

	if (!vclock_span(&value->it_value, &value_ns) || !vclock_span(&value->it_interval, &interval_ns))
		return false;
	deadline_ns = vclock_after(value_ns);
	if ((flags & TFD_TIMER_ABSTIME) && !vclock_deadline(timer->clock, &value->it_value, &deadline_ns))
		return false;
	timer->armed = value_ns != 0;
	timer->deadline_ns = deadline_ns;
	timer->interval_ns = interval_ns;
	timer->count = 0;
	return true;
}

INTERPOSE(int, timerfd_settime, (int fd, int flags, const struct itimerspec *value, struct itimerspec *old),
	(fd, flags, value, old))
{
	struct timer *timer = timer_of(fd);
	const struct itimerspec never = {0};
	uint32_t object;

	if (!timer)
		return (int)call_slept(genuine_timerfd_settime(fd, flags, value, old));
	struct itimerspec before = value_of(timer);
	if (!arm(timer, flags, value))
		return call_error(EINVAL);
	genuine_timerfd_settime(fd, 0, &never, NULL); /* what had expired and was not read is gone */
	if (old)
		*old = before;
	channel_of(fd, &object);
	channel_touch(object);
	return 0;
}

INTERPOSE(int, timerfd_gettime, (int fd, struct itimerspec *value), (fd, value))
{
	const struct timer *timer = timer_of(fd);

	if (!timer)
		return (int)call_slept(genuine_timerfd_gettime(fd, value));
	*value = value_of(timer);
	return 0;
}
