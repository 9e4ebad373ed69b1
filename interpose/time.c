/* Clocks: all show virtual time. */
#include "call.h"

#include <sys/time.h>
#include <time.h>

#include "idle.h"

static uint64_t look(clockid_t clock)
{
	idle_look();
	return vclock_read(clock);
}

INTERPOSE(int, clock_gettime, (clockid_t clock, struct timespec *now), (clock, now))
{
	if (!vclock_has(clock))
		return genuine_clock_gettime(clock, now) == 0 ? 0 : call_error(errno);
	*now = call_timespec(look(clock));
	return 0;
}

INTERPOSE(int, gettimeofday, (struct timeval *restrict now, void *restrict zone), (now, zone))
{
	if (zone)
		genuine_gettimeofday(NULL, zone);
	if (now) {
		struct timespec precise = call_timespec(look(CLOCK_REALTIME));
		*now = (struct timeval){precise.tv_sec, precise.tv_nsec / 1000};
	}
	return 0;
}

INTERPOSE(time_t, time, (time_t *now), (now))
{
	time_t seconds = call_timespec(look(CLOCK_REALTIME)).tv_sec;

	if (now)
		*now = seconds;
	return seconds;
}

INTERPOSE(int, timespec_get, (struct timespec *now, int base), (now, base))
{
	if (base != TIME_UTC)
		return 0;
	*now = call_timespec(look(CLOCK_REALTIME));
	return base;
}

/* Processor time; CLOCKS_PER_SEC is a million. */
INTERPOSE(clock_t, clock, (void), ())
{
	return (clock_t)(look(CLOCK_PROCESS_CPUTIME_ID) / 1000);
}
