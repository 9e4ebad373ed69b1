/*
 * How a function is interposed: one stanza in the file of its library, nothing else to touch.
 *
 *     INTERPOSE(int, pthread_mutex_unlock, (pthread_mutex_t * mutex), (mutex))
 *     {
 *             return call_model(OP_MUTEX_UNLOCK, object_mutex(mutex));
 *     }
 *
 * The macro exports the function, declares genuine_<name>, and enters both in a table (a linker section) that
 * resolve.c walks. The body runs only for a task of ours, not from within our own code; everything else goes straight
 * to the genuine function: other modes, threads we don't know, our own calls. A wrong prototype does not compile.
 *
 * An operation and its objects after the arguments say what observing records of it (observed.h):
 *
 *     INTERPOSE(int, pthread_mutex_unlock, (pthread_mutex_t * mutex), (mutex), OP_MUTEX_UNLOCK, mutex)
 *
 * Variants: INTERPOSE_IN names the library that defines the function (default: libc), INTERPOSE_VERSION one of
 * several symbol versions, INTERPOSE_VOID and INTERPOSE_NORETURN the kinds of result.
 *
 * In a body: self.site is the caller; errno of the program is kept, call_error(E...) sets what it will see. Around
 * code of the program (callbacks) use call_user_begin/end; around a genuine call of a library whose own calls the
 * models must see use the same pair: they are guarded by the module they come from.
 */
#ifndef RACE_INTERPOSE_H
#define RACE_INTERPOSE_H

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cancel.h"
#include "control.h"
#include "foreign.h"
#include "loader.h"
#include "module.h"
#include "object.h"
#include "observed.h"
#include "point.h"
#include "self.h"
#include "signals.h"
#include "stack.h"
#include "task.h"

struct interposed {
	const char *name;
	const char *library; /* soname of the library that defines the genuine function */
	const char *version; /* NULL: its default version */
	void **genuine;
};

struct guard {
	bool entered;
	int outer_error;
	uint64_t outer_site;
};

#define LIBC "libc.so.6"

/*
 * Functions of ours that call a function of the program, which may end in a jump to what it calls last: the call then
 * seems to come from us. They set self.routine to that function, and it stands for the caller.
 */
#define INTERPOSE_CALLER __attribute__((noinline, section("race_callers")))
extern const char __start_race_callers[], __stop_race_callers[];

static inline uint64_t guard_site(void *caller)
{
	if ((const char *)caller >= __start_race_callers && (const char *)caller <= __stop_race_callers)
		return self.routine;
	return (uint64_t)(uintptr_t)caller;
}

/* Finds the genuine function; NULL when no loaded library has it. */
void *resolve_entry(const struct interposed *entry);

/* Fills in `real` and finds all of libc's functions; called first thing. */
void resolve_all(void);

/* False: the genuine function is meant. */
static inline bool guard_enter(struct guard *guard, const struct interposed *entry, void *caller)
{
	guard->entered = false;
	if (__builtin_expect(*entry->genuine == NULL, 0))
		resolve_entry(entry);
	if (__builtin_expect(control_mode != CONTROL_CONTROL || self.task == 0 || self.inside != 0, 0))
		return false;
	if (__builtin_expect(foreign_threads, 0) && foreign_is_here())
		return false;
	guard->entered = true;
	guard->outer_error = self.error;
	guard->outer_site = self.site;
	self.inside = 1;
	self.error = errno;
	self.site = guard_site(caller);
	point_ensure(); /* a call that is not interposed may have slept */
	loader_settle();
	return true;
}

static inline void guard_leave(struct guard *guard)
{
	if (!guard->entered)
		return;
	int error = self.error;
	self.error = guard->outer_error;
	self.site = guard->outer_site;
	self.inside = 0;
	if (__builtin_expect(self.task != 0 && signals_is_due(), 0))
		signals_deliver(); /* handlers run here, on the way back to the program */
	errno = error;
	if (__builtin_expect(self.asynchronous, 0))
		cancel_act();
	if (__builtin_expect(stack_is_tidy, 0))
		stack_wipe();
}

#define INTERPOSE_TABLE(name_, library_, version_) \
	static const struct interposed entry_##name_ __attribute__((used, section("race_interposed"))) = { \
		.name = #name_, .library = library_, .version = version_, .genuine = (void **)&genuine_##name_}

/* Written once, so not on the pages of what every execution writes. */
#define INTERPOSE_GENUINE __attribute__((section("race_genuine")))

#define INTERPOSE_EXPORT __attribute__((visibility("default")))

#define INTERPOSE_FULL(result, name, parameters, arguments, library, version, ...) \
	static result(*genuine_##name) parameters INTERPOSE_GENUINE; \
	INTERPOSE_TABLE(name, library, version); \
	static result body_##name parameters; \
	INTERPOSE_EXPORT result name parameters; \
	INTERPOSE_EXPORT result name parameters \
	{ \
		struct guard guard __attribute__((cleanup(guard_leave))) = {0}; \
		if (!guard_enter(&guard, &entry_##name, __builtin_return_address(0))) \
			return OBSERVED(genuine_##name arguments __VA_OPT__(, ) __VA_ARGS__); \
		return body_##name arguments; \
	} \
	static result body_##name parameters

#define INTERPOSE(result, name, parameters, arguments, ...) \
	INTERPOSE_FULL(result, name, parameters, arguments, LIBC, NULL __VA_OPT__(, ) __VA_ARGS__)
#define INTERPOSE_IN(library, result, name, parameters, arguments, ...) \
	INTERPOSE_FULL(result, name, parameters, arguments, library, NULL __VA_OPT__(, ) __VA_ARGS__)
#define INTERPOSE_VERSION(version, result, name, parameters, arguments, ...) \
	INTERPOSE_FULL(result, name, parameters, arguments, LIBC, version __VA_OPT__(, ) __VA_ARGS__)

#define INTERPOSE_VOID_IN(library, name, parameters, arguments, ...) \
	static void(*genuine_##name) parameters INTERPOSE_GENUINE; \
	INTERPOSE_TABLE(name, library, NULL); \
	static void body_##name parameters; \
	INTERPOSE_EXPORT void name parameters; \
	INTERPOSE_EXPORT void name parameters \
	{ \
		struct guard guard __attribute__((cleanup(guard_leave))) = {0}; \
		if (!guard_enter(&guard, &entry_##name, __builtin_return_address(0))) \
			OBSERVED_VOID(genuine_##name arguments __VA_OPT__(, ) __VA_ARGS__); \
		else \
			body_##name arguments; \
	} \
	static void body_##name parameters

#define INTERPOSE_VOID(name, parameters, arguments, ...) \
	INTERPOSE_VOID_IN(LIBC, name, parameters, arguments __VA_OPT__(, ) __VA_ARGS__)

#define INTERPOSE_NORETURN(name, parameters, arguments, ...) \
	static void(*genuine_##name) parameters __attribute__((noreturn)) INTERPOSE_GENUINE; \
	INTERPOSE_TABLE(name, LIBC, NULL); \
	static void body_##name parameters __attribute__((noreturn)); \
	INTERPOSE_EXPORT __attribute__((noreturn)) void name parameters \
	{ \
		struct guard guard __attribute__((cleanup(guard_leave))) = {0}; \
		if (!guard_enter(&guard, &entry_##name, __builtin_return_address(0))) \
			OBSERVED_VOID(genuine_##name arguments __VA_OPT__(, ) __VA_ARGS__); \
		body_##name arguments; \
	} \
	static void body_##name parameters

#endif
