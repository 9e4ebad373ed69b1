/*
 * clone(): what is born this way is a stranger. One that has its own memory is left alone, as by a bare fork; one that
 * shares ours may end waits of our tasks.
 */
#include "call.h"

#include <sched.h>
#include <stdarg.h>

#include "clone.h"

struct birth {
	int (*routine)(void *);
	void *argument;
};

/* The child's copy of our memory is for itself. */
static int live_apart(void *argument)
{
	const struct birth birth = *(const struct birth *)argument;

	control_mode = CONTROL_PASS;
	self_be(0);
	return birth.routine(birth.argument);
}

void clone_begin(uint64_t flags, const char *name)
{
	if (flags & CLONE_VM)
		foreign_begin();
	control_uncontrolled(UNCONTROLLED_RAW_CLONE, self.site, name);
}

/* The C library reads its arguments like this, whether they are given or not. */
#define INTERPOSE_CLONE(name) \
	static int (*genuine_##name)(int (*)(void *), void *, int, void *, ...); \
	INTERPOSE_TABLE(name, LIBC, NULL); \
	INTERPOSE_EXPORT int name(int (*routine)(void *), void *stack, int flags, void *argument, ...); \
	INTERPOSE_EXPORT int name(int (*routine)(void *), void *stack, int flags, void *argument, ...) \
	{ \
		struct guard guard __attribute__((cleanup(guard_leave))) = {0}; \
		struct birth birth = {routine, argument}; \
		va_list list; \
		va_start(list, argument); \
		void *parent = va_arg(list, void *); \
		void *storage = va_arg(list, void *); \
		void *child = va_arg(list, void *); \
		va_end(list); \
		if (!guard_enter(&guard, &entry_##name, __builtin_return_address(0))) \
			return genuine_##name(routine, stack, flags, argument, parent, storage, child); \
		clone_begin((uint64_t)(unsigned int)flags, "clone"); \
		bool apart = routine && !(flags & CLONE_VM); \
		call_user_begin(); \
		int result = genuine_##name(apart ? live_apart : routine, stack, flags, apart ? &birth : argument, \
			parent, storage, child); \
		call_user_end(); \
		if ((flags & CLONE_VM) && (result < 0 || (flags & CLONE_VFORK))) \
			foreign_end(); \
		return result; \
	}

INTERPOSE_CLONE(clone)
INTERPOSE_CLONE(__clone)
