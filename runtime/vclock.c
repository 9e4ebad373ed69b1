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
	case CLOCK_PROCESS_CPUTIME_ID:
	case CLOCK_THREAD_CPUTIME_ID:
		return true;
	default:
		return false;
	}
}

bool vclock_is_processor(clockid_t clock)
{
	return clock < 0 || clock == CLOCK_PROCESS_CPUTIME_ID || clock == CLOCK_THREAD_CPUTIME_ID;
}

/* What the clock shows beyond virtual time; less than nothing for those that stand still while tasks wait. */
static uint64_t origin(clockid_t clock)
{
	if (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE || clock == CLOCK_TAI)
		return control_plan()->clock_start_ns;
	return vclock_is_processor(clock) ? -control->world.idle_ns : BOOT_NS;
}

uint64_t vclock_read(clockid_t clock)
{
	control->world.now_ns += VCLOCK_TICK_NS;
	control->world.looked = 1;
	control->world.seen |= SEEN_CLOCK;
	return origin(clock) + control->world.now_ns;
}

bool vclock_span(const struct timespec *span, uint64_t *span_ns)
{
	if (span->tv_nsec < 0 || span->tv_nsec >= 1000000000 || span->tv_sec < 0)
		return false;
	*span_ns = UINT64_MAX / 2;
	if ((uint64_t)span->tv_sec <= 9000000000ULL) /* beyond that, and any execution: as good as for ever */
		*span_ns = (uint64_t)span->tv_sec * 1000000000 + (uint64_t)span->tv_nsec;
	return true;
}

bool vclock_deadline(clockid_t clock, const struct timespec *deadline, uint64_t *deadline_ns)
{
	struct timespec since_epoch = *deadline;
	uint64_t absolute;

	control->world.seen |= SEEN_CLOCK;
	if (since_epoch.tv_sec < 0)
		since_epoch.tv_sec = 0;
	if (!vclock_span(&since_epoch, &absolute))
		return false;
	uint64_t start = origin(clock);
	*deadline_ns = absolute > start || vclock_is_processor(clock) ? absolute - start : 0;
	return true;
}

uint64_t vclock_after(uint64_t span_ns)
{
	uint64_t now = control->world.now_ns;

	return span_ns > UINT64_MAX / 2 - now ? UINT64_MAX / 2 : now + span_ns;
}

void vclock_pass(uint64_t deadline_ns)
{
	if (deadline_ns > control->world.now_ns)
		control->world.now_ns = deadline_ns;
}
