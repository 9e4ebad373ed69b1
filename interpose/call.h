/*
 * What the bodies of interposed functions share: making requests, mapping results.
 */
#ifndef RACE_CALL_H
#define RACE_CALL_H

#include "interpose.h"
#include "vclock.h"

/* Locks, and what makes libraries ready for use. */
static inline bool call_locks(enum op op)
{
	uint8_t kind = op_info((uint16_t)op)->object_kind;

	return kind == OBJECT_MUTEX || kind == OBJECT_RWLOCK || kind == OBJECT_ONCE;
}

static inline bool call_is_guarded(enum op op)
{
	return module_is_guarded(self.site) || (call_locks(op) && module_is_secluded(self.site));
}

/* The request of an operation made by the current call: site, guard and cancellation at any time filled in. */
static inline struct request call_request(enum op op, uint32_t object)
{
	uint16_t flags = call_is_guarded(op) ? REQUEST_GUARDED : 0;

	if (self.asynchronous && !self.uncancellable)
		flags |= REQUEST_CANCEL;
	return (struct request){.op = (uint16_t)op, .flags = flags, .object = object, .site = self.site};
}

/* An operation that a model performs: 0 or an errno value. */
static inline int call_model(enum op op, uint32_t object)
{
	struct request request = call_request(op, object);

	return (int)point(&request);
}

/* The same with a deadline. An invalid time is the caller's EINVAL. */
static inline int call_timed(enum op op, uint32_t object, clockid_t clock, const struct timespec *deadline)
{
	struct request request = call_request(op, object);

	if (!vclock_deadline(clock, deadline, &request.deadline_ns))
		return EINVAL;
	request.flags |= REQUEST_TIMED;
	return (int)point(&request);
}

static inline struct timespec call_timespec(uint64_t time_ns)
{
	return (struct timespec){(time_t)(time_ns / 1000000000), (long)(time_ns % 1000000000)};
}

/* errno that the program sees after this call; the result is -1 for the caller to return. */
static inline int call_error(int error)
{
	self.error = error;
	return -1;
}

/* Results in the style of sem_wait: 0, or -1 with errno. */
static inline int call_errno(int64_t error)
{
	return error == 0 ? 0 : call_error((int)error);
}

/* A result in the kernel's style, a negative errno, as the program sees it. */
static inline int64_t call_result(int64_t result)
{
	return result < 0 ? call_error((int)-result) : result;
}

/* A genuine call has returned this, and errno; it may have slept, and others have run meanwhile. */
static inline int64_t call_slept(int64_t result)
{
	if (result < 0)
		self.error = errno;
	point_ensure();
	return result;
}

/* Code of the program, or of a library it called, runs between these two; what it leaves in errno stays. */
static inline void call_user_begin(void)
{
	errno = self.error;
	self.inside = 0;
}

static inline void call_user_end(void)
{
	self.inside = 1;
	self.error = errno;
}

#endif
