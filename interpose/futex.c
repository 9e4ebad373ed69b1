#include "futex.h"

#include "call.h"

#include <linux/futex.h>
#include <time.h>

#include "sys.h"

struct futex {
	uint32_t *address;
	int operation; /* with its flags */
	uint32_t value;
	long timeout; /* a pointer to a time, or a number */
	uint32_t *second;
	uint32_t value3;
};

static uint32_t object_of(const struct futex *futex, uint32_t *address)
{
	if (futex->operation & FUTEX_PRIVATE_FLAG)
		return object_small(OBJECT_FUTEX, address);
	return object_word(OBJECT_FUTEX, address);
}

/*
 * Does the word hold the value? As the kernel sees it, who also says what is wrong with the address: a requeue that
 * moves nobody. 0, -EAGAIN, -EFAULT, -EINVAL.
 */
static long compare(const struct futex *futex, uint32_t value)
{
	return sys_call(SYS_futex, (long)futex->address, FUTEX_CMP_REQUEUE | (futex->operation & FUTEX_PRIVATE_FLAG), 0, 0,
		(long)futex->address, value);
}

/* The deadline of a wait; false: no valid time. FUTEX_WAIT takes a span, FUTEX_WAIT_BITSET a time. */
static bool set_deadline(const struct futex *futex, struct request *request)
{
	const struct timespec *time = (const struct timespec *)futex->timeout;
	uint64_t span_ns;

	if (!time)
		return true;
	request->flags |= REQUEST_TIMED;
	if (time->tv_sec < 0)
		return false;
	if ((futex->operation & FUTEX_CMD_MASK) == FUTEX_WAIT_BITSET)
		return vclock_deadline(futex->operation & FUTEX_CLOCK_REALTIME ? CLOCK_REALTIME : CLOCK_MONOTONIC, time,
			&request->deadline_ns);
	if (!vclock_span(time, &span_ns))
		return false;
	request->deadline_ns = vclock_after(span_ns);
	return true;
}

/* Bits that fit any are 0 in the model. */
static uint64_t bits_of(const struct futex *futex)
{
	return futex->value3 == FUTEX_BITSET_MATCH_ANY ? 0 : futex->value3;
}

/* Who changes the word and wakes may be none of ours: a thread that is not controlled, or the kernel when it ends. */
static long wait_outside(const struct futex *futex)
{
	control_uncontrolled(UNCONTROLLED_LAPSE, self.site, "futex");
	point_leave(self.task);
	long result = sys_call(SYS_futex, (long)futex->address, futex->operation, futex->value, 0, 0, futex->value3);
	point_ensure();
	return result;
}

static long wait(const struct futex *futex)
{
	struct request request = call_request(OP_FUTEX_COMPARE, object_of(futex, futex->address));

	if (!set_deadline(futex, &request))
		return -EINVAL;
	uint16_t flags = request.flags;
	request.flags &= (uint16_t)~REQUEST_TIMED;
	point_announce(&request);
	long differs = compare(futex, futex->value);
	point_done(-differs, 0);
	if (differs)
		return differs;
	if (foreign_threads && !futex->timeout)
		return wait_outside(futex);
	request.op = OP_FUTEX_WAIT;
	request.flags = flags | REQUEST_INTERRUPT;
	request.argument = bits_of(futex);
	return -point(&request);
}

/* Sleepers that we don't control, if there are any, come after ours. */
static long wake_others(const struct futex *futex, uint32_t count, uint32_t bits)
{
	long woken = sys_call(SYS_futex, (long)futex->address,
		FUTEX_WAKE_BITSET | (futex->operation & FUTEX_PRIVATE_FLAG), count, 0, 0, bits);

	return woken > 0 ? woken : 0;
}

static long wake(const struct futex *futex)
{
	struct request request = call_request(OP_FUTEX_WAKE, object_of(futex, futex->address));

	request.argument = futex->value | bits_of(futex) << 32;
	long woken = point(&request);
	if (woken < (long)futex->value)
		woken += wake_others(futex, futex->value - (uint32_t)woken, futex->value3);
	return woken;
}

static long requeue(const struct futex *futex)
{
	struct request request = call_request(OP_FUTEX_REQUEUE, object_of(futex, futex->address));
	bool compares = (futex->operation & FUTEX_CMD_MASK) == FUTEX_CMP_REQUEUE;
	long result = 0;

	request.second = object_of(futex, futex->second);
	request.argument = futex->value | (uint64_t)futex->timeout << 32;
	point_announce(&request);
	if (compares)
		result = compare(futex, futex->value3);
	if (result == 0)
		result = point_apply();
	point_done(result, 0);
	return result;
}

static long without_model(const struct futex *futex)
{
	control_uncontrolled(UNCONTROLLED_RAW_FUTEX, self.site, "futex");
	long result = sys_call(SYS_futex, (long)futex->address, futex->operation, futex->value, futex->timeout,
		(long)futex->second, futex->value3);
	point_ensure();
	return result;
}

long futex_call(uint32_t *address, int operation, uint32_t value, long timeout, uint32_t *second, uint32_t value3)
{
	struct futex futex = {address, operation, value, timeout, second, value3};
	int command = operation & FUTEX_CMD_MASK;

	if (command == FUTEX_WAIT || command == FUTEX_WAKE)
		futex.value3 = FUTEX_BITSET_MATCH_ANY;
	switch (command) {
	case FUTEX_WAIT:
	case FUTEX_WAIT_BITSET:
		return futex.value3 == 0 ? -EINVAL : wait(&futex);
	case FUTEX_WAKE:
	case FUTEX_WAKE_BITSET:
		return futex.value3 == 0 ? -EINVAL : wake(&futex);
	case FUTEX_REQUEUE:
	case FUTEX_CMP_REQUEUE:
		return requeue(&futex);
	default:
		return without_model(&futex);
	}
}
