/*
 * The observe driver of a stanza: what follows its arguments says how the genuine call is observed when the library is
 * preloaded without a race that controls the program (runtime/observe.h).
 *
 *     nothing                   it is not
 *     an operation, its object  recorded around the genuine call, whose result is 0 or an error
 *     ..., its second object    the same, for waits on conditions
 *     one expression            that is evaluated instead, for calls that need more
 *
 * An operation that lets others go is stamped before the call, one that waits after it; waits that also let go are two
 * events. A lock that is private to its process is marked in bytes that the C library leaves unused, so that memory
 * used again for another lock is told from the same lock.
 */
#ifndef RACE_OBSERVED_H
#define RACE_OBSERVED_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "observe.h"
#include "shared/op.h"

struct observed {
	bool on;
	uint16_t op;
	uint64_t object, second, site;
};

/* What is known of the lock that an operation is about: its mark, 0 when it has none. `taken`: give it one. */
uint64_t observed_mark(uint16_t op, const struct observed *observed, bool taken);

/*
 * Is the caller a library whose calls are part of another that the program made (the C library, SQLite), or a virtual
 * machine, which locks things of its own by the hundred thousand? What has been found out about callers is remembered, a
 * word for each, which all threads read and write.
 */
enum { OBSERVED_SITES = 1024 };

#define OBSERVED_GUARDED (1ULL << 63)

extern uint64_t observed_sites[OBSERVED_SITES];

bool observed_look(uint64_t site);

/* Other modules are loaded. */
void observed_forget(void);

static inline bool observed_is_guarded(uint64_t site)
{
	uint64_t known = __atomic_load_n(&observed_sites[site / 8 % OBSERVED_SITES], __ATOMIC_RELAXED);

	return (known & ~OBSERVED_GUARDED) == site ? known & OBSERVED_GUARDED : observed_look(site);
}

/* Writes the event; of an unlock with what was wrong with it. */
void observed_write(const struct observed *observed, uint16_t op, int kind, int32_t result);
void observed_unlock(const struct observed *observed);

enum observed_when { OBSERVED_AFTER, OBSERVED_BEFORE, OBSERVED_UNLOCK, OBSERVED_AROUND };

static inline enum observed_when observed_when(uint16_t op)
{
	switch (op) {
	case OP_MUTEX_UNLOCK:
		return OBSERVED_UNLOCK;
	case OP_COND_WAIT: case OP_COND_TIMEDWAIT: case OP_BARRIER_WAIT:
		return OBSERVED_AROUND;
	case OP_RWLOCK_UNLOCK: case OP_SPIN_UNLOCK: case OP_SEM_POST: case OP_COND_SIGNAL: case OP_COND_BROADCAST:
	case OP_ONCE_END: case OP_ONCE_ABORT:
		return OBSERVED_BEFORE;
	default:
		return OBSERVED_AFTER;
	}
}

/* `op` is a constant: what is decided by it costs nothing. */
static inline __attribute__((always_inline)) struct observed observed_begin(uint64_t site, uint16_t op,
	const volatile void *object, const volatile void *second)
{
	struct observed observed = {.op = op, .object = (uint64_t)(uintptr_t)object,
		.second = (uint64_t)(uintptr_t)second, .site = site};

	observed.on = observe_is_on() && !observed_is_guarded(site);
	if (!observed.on)
		return observed;
	switch (observed_when(op)) {
	case OBSERVED_UNLOCK:
		observed_unlock(&observed);
		break;
	case OBSERVED_BEFORE:
		observed_write(&observed, op, RING_OPERATION, 0);
		break;
	case OBSERVED_AROUND:
		observed_write(&observed, op, RING_OPERATION, 0);
		/* fall through */
	case OBSERVED_AFTER:
		observer.ring->pending = (struct ring_pending){.object = observed.object, .second = observed.second,
			.site = site, .op = op};
	}
	return observed;
}

static inline __attribute__((always_inline)) void observed_end(const struct observed *observed, uint16_t op,
	int64_t result)
{
	enum observed_when when = observed_when(op);

	if (!observed->on || when == OBSERVED_UNLOCK || when == OBSERVED_BEFORE)
		return;
	observed_write(observed, op, when == OBSERVED_AROUND ? RING_ACQUIRED : RING_OPERATION, (int32_t)result);
	observer.ring->pending.op = OP_NONE;
}

#define OBSERVED_NONE(call) call
#define OBSERVED_BY(call, expression) (control_mode == CONTROL_OBSERVE ? (expression) : call)
#define OBSERVED_ON(op, object, second, ...) \
	observed_begin((uint64_t)(uintptr_t)__builtin_return_address(0), op, object, second)
#define OBSERVED_OPERATION(call, op, ...) \
	({ \
		struct observed observed_call = OBSERVED_ON(op, __VA_ARGS__, NULL, ); \
		__typeof__(call) observed_result = call; \
		observed_end(&observed_call, op, (int64_t)observed_result); \
		observed_result; \
	})

#define OBSERVED_GLUE(left, right) left##right
#define OBSERVED_CHOOSE(kind) OBSERVED_GLUE(OBSERVED_, kind)
#define OBSERVED_CHOOSE_VOID(kind) OBSERVED_GLUE(OBSERVED_VOID_, kind)
#define OBSERVED_COUNT(a, b, c, d, kind, ...) kind
#define OBSERVED_KIND(...) OBSERVED_COUNT(0 __VA_OPT__(, ) __VA_ARGS__, OPERATION, OPERATION, BY, NONE, )

/* The genuine call, observed as the rest of the arguments says. */
#define OBSERVED(call, ...) OBSERVED_CHOOSE(OBSERVED_KIND(__VA_ARGS__))(call __VA_OPT__(, ) __VA_ARGS__)

/* The same for a call without a result. */
#define OBSERVED_VOID_NONE(call) call
#define OBSERVED_VOID_BY(call, expression) (control_mode == CONTROL_OBSERVE ? (expression) : call)
#define OBSERVED_VOID_OPERATION(call, op, ...) \
	do { \
		struct observed observed_call = OBSERVED_ON(op, __VA_ARGS__, NULL, ); \
		call; \
		observed_end(&observed_call, op, 0); \
	} while (0)
#define OBSERVED_VOID(call, ...) \
	OBSERVED_CHOOSE_VOID(OBSERVED_KIND(__VA_ARGS__))(call __VA_OPT__(, ) __VA_ARGS__)

#endif
