/*
 * Models: what synchronisation objects do, as state machines over the world.
 *
 * While a program is controlled its locks are models only; the genuine ones are never touched. A model answers two
 * questions about a task's pending operation and is asked by whoever has the turn. Both are pure functions of the
 * world: no system call, no clock, no randomness (choices come in through request.pick).
 *
 * A new kind of object: a row in OBJECT_KINDS, a file here exporting a const struct model, a row in model.c.
 */
#ifndef RACE_SHARED_MODEL_H
#define RACE_SHARED_MODEL_H

#include <stdbool.h>
#include <stdint.h>

#include "../world.h"

struct model {
	/*
	 * Could the pending operation of this task complete now? Operations that fail at once (trylock on a held
	 * lock, EDEADLK of an error-checking mutex) are enabled: they complete with an error.
	 * TASK_EXPIRED in the task's flags means that its time-out has been taken: such an operation is enabled,
	 * but one that also has to take a lock again (COND_WAKE) stays blocked until that lock is free.
	 */
	bool (*enabled)(const struct world *world, const struct task *task);
	/*
	 * Performs it. Called only when enabled. Returns what the caller returns: 0 or a positive errno, or
	 * the special values below. Updates objects, holds, and TASK_WOKEN of those it wakes.
	 */
	int64_t (*apply)(struct world *world, struct task *task);
	/*
	 * A task has died without giving back what it holds (SIGKILL, _exit of its process, thread exit).
	 * Called for each object it holds. NULL: it stays locked for ever.
	 */
	void (*owner_died)(struct world *world, struct object *object, struct task *task);
};

enum {
	MODEL_BARRIER_SERIAL = -1, /* apply of BARRIER_WAIT or PASS: this task is the serial thread */
	MODEL_BARRIER_WAITS = -2,  /* apply of BARRIER_WAIT: not the last, must pass with BARRIER_PASS */
	MODEL_ONCE_RUN = 1,        /* apply of ONCE_BEGIN: this task runs the routine */
	MODEL_ONCE_DONE = 0,
};

/*
 * request.argument, and results other than 0 or errno, by operation:
 *   COND_WAIT, COND_TIMEDWAIT  second = mutex. 0: one level of it has been given back (as glibc does, also where the
 *                   mutex is recursive), and the task announces COND_WAKE on the same two at once. EPERM: fails.
 *   COND_WAKE       0, ETIMEDOUT, EINTR (REQUEST_INTERRUPT), EOWNERDEAD: owns the mutex; ENOTRECOVERABLE
 *   SEM_GETVALUE    the value
 *   ONCE_BEGIN      argument: the program's control word was fresh at the announcement. 0: it said "done" already
 *   FUTEX_WAIT      argument: bit set, 0 is any. The value has been compared under the turn: 0, ETIMEDOUT or EINTR
 *   FUTEX_WAKE      argument: how many, | bit set << 32 (0 is any). Wakes the pick-th waiter, then in waiting order.
 *                   Result: how many were woken
 *   FUTEX_REQUEUE   argument: how many to wake | how many more to move << 32; second = where to. Result: their sum
 *   EXIT            gives back what the task holds. second: a robust mutex among that, for dependence
 *   JOIN, TRYJOIN   object = the joined task's. EDEADLK, EINVAL as glibc; TRYJOIN EBUSY
 *   KILL            argument: signal number; it is held for the object's task
 *   SIGNAL_WAIT     argument: set of signals (1 << number - 1). Result: the number of the one taken
 *   WAIT            object = a child's, 0: any child; argument: MODEL_WAIT_ flags. 0: pending.second is then the index
 *                   of the process (0 with NOHANG: none yet), which is now REAPED unless KEEP; ECHILD
 *   PIPE_READ, PIPE_WRITE, POLL, FILE_LOCK  argument: above the lowest eight bits, see retry.h. The result is the
 *                   kernel's, negative for errors of PIPE_ and POLL. EAGAIN: it was not possible yet and is announced
 *                   again
 *   POLL            object, second: what is waited for; no object: more channels than that
 *   FILE_LOCK, FILE_TRYLOCK  argument: MODEL_FILE_ flags. second = the process that is in the way, where the kernel
 *                   names it. EDEADLK between processes with POSIX
 *   DB_WAIT         argument: object.version when the database was last found locked
 */
enum {
	MODEL_WAIT_NOHANG = 1,
	MODEL_WAIT_KEEP = 2,      /* WNOWAIT */
	MODEL_FILE_EXCLUSIVE = 1, /* else shared */
	MODEL_FILE_POSIX = 2,     /* a record lock of the process; else one of the open file */
};

/* The model of the kind of this operation's object. Never NULL: kinds without one are always enabled, result 0. */
const struct model *model_of(uint16_t op);

/* Is the task's pending operation enabled now, its deadline and the model considered? (Handlers: see suspension.h.) */
bool model_enabled(const struct world *world, const struct task *task);

/* Performs the pending operation of a task that has the turn; returns its result and stores it in task->result. */
int64_t model_apply(struct world *world, struct task *task);

/* Does a held signal that it does not block, or a cancellation, end what this task waits for? */
static inline bool model_interrupted(const struct task *task)
{
	if ((task->pending.flags & REQUEST_CANCEL) && (task->flags & TASK_CANCELLED))
		return true;
	return (task->pending.flags & REQUEST_INTERRUPT) && (task->signals & ~task->signal_mask) != 0;
}

/* Does that or its time-out? */
static inline bool model_ended(const struct task *task)
{
	return (task->flags & TASK_EXPIRED) || model_interrupted(task);
}

/* Could the operation complete now if its time-out were taken? */
bool model_expirable(const struct world *world, const struct task *task);

/* A process has died, its tasks are dead: a zombie for its parent, or gone when the parent is. */
void model_process_died(struct world *world, uint32_t process, int status);

/*
 * The task has died: everything it holds is given back as the kernel or the C library would, and it can be joined.
 * Does nothing the second time. Its state is the caller's to change.
 */
void model_task_died(struct world *world, struct task *task);

extern const struct model model_task, model_mutex, model_cond, model_rwlock, model_sem, model_barrier, model_once,
	model_spin, model_futex, model_process, model_channel, model_file_lock, model_database;

#endif
