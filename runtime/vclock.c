#include "vclock.h"

#include "control.h"

#define BOOT_NS 100000000000000ULL /* what CLOCK_MONOTONIC shows at the start: a day and some hours after boot */

bool vclock_has(clockid_t clock)
{
	switch (clock) {
	case CLOCK_REALTIME:
	case CLOCK_REALTIME_COARSE:
	case CLOCK_TAI:
	case CLOCK_MONOTONIC:
	case CLOCK_MONOTONIC_COARSE:
	case CLOCK_MONOTONIC_RAW:
	case CLOCK_BOOTTIME:
		return true;
	default:
		return false;
	}
}

static uint64_t origin(clockid_t clock)
{
	if (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE || clock == CLOCK_TAI)
		return control_plan()->clock_start_ns;
	return BOOT_NS;
}

uint64_t vclock_read(clockid_t clock)
{
	control->world.now_ns += VCLOCK_TICK_NS;
	return origin(clock) + control->world.now_ns;
}

bool vclock_deadline(clockid_t clock, const struct timespec *deadline, uint64_t *deadline_ns)
{
	if (deadline->tv_nsec < 0 || deadline->tv_nsec >= 1000000000)
		return false;
	if (deadline->tv_sec < 0) {
		*deadline_ns = 0;
		return true;
	}
	if ((uint64_t)deadline->tv_sec > 9000000000ULL) { /* beyond any execution: as good as never */
		*deadline_ns = UINT64_MAX / 2;
		return true;
	}
	uint64_t absolute = (uint64_t)deadline->tv_sec * 1000000000 + (uint64_t)deadline->tv_nsec;
	*deadline_ns = absolute > origin(clock) ? absolute - origin(clock) : 0;
	return true;
}

uint64_t vclock_after(uint64_t span_ns)
{
	uint64_t now = control->world.now_ns;

	return span_ns > UINT64_MAX / 2 - now ? UINT64_MAX / 2 : now + span_ns;
}
