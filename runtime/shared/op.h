/*
 * Every visible operation, one row each.
 *
 * An operation is one action of a task on at most two objects. A new one is a row here, a case in the model of its
 * object kind, and a stanza in interpose/. The row says:
 *   identifier   OP_<identifier>
 *   text         how schedules and reports spell it; part of the schedule format, so never changed, only added
 *   object       the kind of its first object (OBJECT_<object>)
 *   mode         READ or WRITE: two READs of one object commute, everything else on one object does not
 *   flags        see enum op_act
 */
#ifndef RACE_SHARED_OP_H
#define RACE_SHARED_OP_H

#include <stdbool.h>
#include <stdint.h>

enum op_act {
	ACT_PLAIN = 0,
	ACT_ACQUIRE = 1,    /* happens after the last release of its object */
	ACT_RELEASE = 2,    /* later acquires of its object happen after it */
	ACT_YIELD = 4,      /* says that the task can't go on alone: others go first (Musuvathi and Qadeer, PLDI 2008) */
	ACT_GENUINE = 8,    /* a genuine call is made under the turn; its result decides, not a model's */
	ACT_WAKES = 16,     /* may choose which of several waiters wakes (CHOICE_WAKE) */
	ACT_MARK = 32,      /* an annotation or a note, never a scheduling point */
	ACT_STATEMENT = 64, /* carries a database statement; dependence is decided by footprints */
	ACT_PATIENT = 128,  /* its time-out is taken only when nobody else can go: seconds, where others take microseconds */
	ACT_RETRY = 256,    /* the kernel decides; what it refused is tried again, see model/retry.h */
	ACT_ALIKE = 512,    /* all who wait for an object by it may go on or none may, its owner aside; see crowd.h */
	ACT_HANDLERS = 1024, /* who waits by it runs handlers of signals meanwhile, and waits on; see suspension.h */
};

#define OPS(X) \
	X(NONE, "none", NONE, READ, ACT_MARK) \
	/* tasks */ \
	X(BEGIN, "begin", TASK, WRITE, ACT_ACQUIRE) \
	X(EXIT, "exit", TASK, WRITE, ACT_RELEASE) \
	X(CREATE, "create", TASK, WRITE, ACT_RELEASE | ACT_GENUINE) \
	X(JOIN, "join", TASK, WRITE, ACT_ACQUIRE | ACT_HANDLERS) \
	X(TRYJOIN, "tryjoin", TASK, WRITE, ACT_ACQUIRE) \
	X(DETACH, "detach", TASK, WRITE, ACT_PLAIN) \
	X(CANCEL, "cancel", TASK, WRITE, ACT_RELEASE) \
	X(TESTCANCEL, "testcancel", TASK, READ, ACT_ACQUIRE | ACT_YIELD) \
	X(YIELD, "yield", NONE, READ, ACT_YIELD) \
	X(SLEEP, "sleep", NONE, READ, ACT_YIELD) \
	/* mutexes */ \
	X(MUTEX_LOCK, "mutex-lock", MUTEX, WRITE, ACT_ACQUIRE | ACT_ALIKE | ACT_HANDLERS) \
	X(MUTEX_TRYLOCK, "mutex-trylock", MUTEX, WRITE, ACT_ACQUIRE) \
	X(MUTEX_TIMEDLOCK, "mutex-timedlock", MUTEX, WRITE, ACT_ACQUIRE | ACT_ALIKE | ACT_HANDLERS) \
	X(MUTEX_UNLOCK, "mutex-unlock", MUTEX, WRITE, ACT_RELEASE) \
	X(MUTEX_CONSISTENT, "mutex-consistent", MUTEX, WRITE, ACT_PLAIN) \
	X(MUTEX_DESTROY, "mutex-destroy", MUTEX, WRITE, ACT_PLAIN) \
	/* condition variables: a wait releases the mutex (second object), a wake takes it again */ \
	X(COND_WAIT, "cond-wait", COND, WRITE, ACT_RELEASE) \
	X(COND_TIMEDWAIT, "cond-timedwait", COND, WRITE, ACT_RELEASE) \
	X(COND_WAKE, "cond-wake", COND, WRITE, ACT_ACQUIRE | ACT_HANDLERS) \
	X(COND_SIGNAL, "cond-signal", COND, WRITE, ACT_RELEASE | ACT_WAKES) \
	X(COND_BROADCAST, "cond-broadcast", COND, WRITE, ACT_RELEASE) \
	X(COND_DESTROY, "cond-destroy", COND, WRITE, ACT_PLAIN) \
	/* reader-writer locks */ \
	X(RWLOCK_RDLOCK, "rwlock-rdlock", RWLOCK, WRITE, ACT_ACQUIRE | ACT_HANDLERS) \
	X(RWLOCK_TRYRDLOCK, "rwlock-tryrdlock", RWLOCK, WRITE, ACT_ACQUIRE) \
	X(RWLOCK_TIMEDRDLOCK, "rwlock-timedrdlock", RWLOCK, WRITE, ACT_ACQUIRE | ACT_HANDLERS) \
	X(RWLOCK_WRLOCK, "rwlock-wrlock", RWLOCK, WRITE, ACT_ACQUIRE | ACT_HANDLERS) \
	X(RWLOCK_TRYWRLOCK, "rwlock-trywrlock", RWLOCK, WRITE, ACT_ACQUIRE) \
	X(RWLOCK_TIMEDWRLOCK, "rwlock-timedwrlock", RWLOCK, WRITE, ACT_ACQUIRE | ACT_HANDLERS) \
	X(RWLOCK_UNLOCK, "rwlock-unlock", RWLOCK, WRITE, ACT_RELEASE) \
	X(RWLOCK_DESTROY, "rwlock-destroy", RWLOCK, WRITE, ACT_PLAIN) \
	/* semaphores */ \
	X(SEM_WAIT, "sem-wait", SEM, WRITE, ACT_ACQUIRE | ACT_ALIKE) \
	X(SEM_TRYWAIT, "sem-trywait", SEM, WRITE, ACT_ACQUIRE) \
	X(SEM_TIMEDWAIT, "sem-timedwait", SEM, WRITE, ACT_ACQUIRE | ACT_ALIKE) \
	X(SEM_POST, "sem-post", SEM, WRITE, ACT_RELEASE) \
	X(SEM_GETVALUE, "sem-getvalue", SEM, READ, ACT_PLAIN) \
	X(SEM_DESTROY, "sem-destroy", SEM, WRITE, ACT_PLAIN) \
	/* barriers: the arrival releases, the pass acquires */ \
	X(BARRIER_WAIT, "barrier-wait", BARRIER, WRITE, ACT_ACQUIRE | ACT_RELEASE) \
	X(BARRIER_PASS, "barrier-pass", BARRIER, WRITE, ACT_ACQUIRE | ACT_HANDLERS) \
	X(BARRIER_DESTROY, "barrier-destroy", BARRIER, WRITE, ACT_PLAIN) \
	/* pthread_once, call_once and the guards of static initialisers */ \
	X(ONCE_BEGIN, "once-begin", ONCE, WRITE, ACT_ACQUIRE | ACT_HANDLERS) \
	X(ONCE_END, "once-end", ONCE, WRITE, ACT_RELEASE) \
	X(ONCE_ABORT, "once-abort", ONCE, WRITE, ACT_RELEASE) \
	/* spin locks */ \
	X(SPIN_LOCK, "spin-lock", SPIN, WRITE, ACT_ACQUIRE | ACT_ALIKE | ACT_HANDLERS) \
	X(SPIN_TRYLOCK, "spin-trylock", SPIN, WRITE, ACT_ACQUIRE) \
	X(SPIN_UNLOCK, "spin-unlock", SPIN, WRITE, ACT_RELEASE) \
	/* futexes used by the program itself: a wait compares the value, then sleeps */ \
	X(FUTEX_COMPARE, "futex-compare", FUTEX, WRITE, ACT_PLAIN | ACT_GENUINE) \
	X(FUTEX_WAIT, "futex-wait", FUTEX, WRITE, ACT_ACQUIRE) \
	X(FUTEX_WAKE, "futex-wake", FUTEX, WRITE, ACT_RELEASE | ACT_WAKES) \
	X(FUTEX_REQUEUE, "futex-requeue", FUTEX, WRITE, ACT_RELEASE | ACT_WAKES) \
	/* locks of the C library and the loader, taken around genuine calls */ \
	X(LIBRARY_LOCK, "library-lock", MUTEX, WRITE, ACT_ACQUIRE | ACT_ALIKE) \
	X(LIBRARY_UNLOCK, "library-unlock", MUTEX, WRITE, ACT_RELEASE) \
	/* processes */ \
	X(FORK, "fork", PROCESS, WRITE, ACT_RELEASE | ACT_GENUINE) \
	X(EXEC, "exec", PROCESS, WRITE, ACT_RELEASE | ACT_GENUINE) \
	X(PROCESS_EXIT, "process-exit", PROCESS, WRITE, ACT_RELEASE) \
	X(WAIT, "wait", PROCESS, WRITE, ACT_RETRY | ACT_ACQUIRE) \
	/* signals */ \
	X(KILL, "kill", TASK, WRITE, ACT_RELEASE) \
	X(SIGNAL_WAIT, "signal-wait", TASK, WRITE, ACT_RETRY | ACT_ACQUIRE | ACT_HANDLERS) \
	X(SIGNAL_DELIVER, "signal-deliver", TASK, WRITE, ACT_ACQUIRE) \
	/* descriptors between controlled tasks */ \
	X(PIPE_READ, "pipe-read", CHANNEL, WRITE, ACT_GENUINE | ACT_RETRY | ACT_ACQUIRE | ACT_RELEASE) \
	X(PIPE_WRITE, "pipe-write", CHANNEL, WRITE, ACT_GENUINE | ACT_RETRY | ACT_ACQUIRE | ACT_RELEASE) \
	X(PIPE_CLOSE, "pipe-close", CHANNEL, WRITE, ACT_GENUINE | ACT_RELEASE) \
	X(POLL, "poll", CHANNEL, READ, ACT_GENUINE | ACT_RETRY | ACT_ACQUIRE) \
	X(BIND, "bind", CHANNEL, WRITE, ACT_GENUINE) \
	X(LISTEN, "listen", CHANNEL, WRITE, ACT_GENUINE | ACT_RELEASE) \
	X(CONNECT, "connect", CHANNEL, WRITE, ACT_GENUINE | ACT_ACQUIRE | ACT_RELEASE) \
	X(ACCEPT, "accept", CHANNEL, WRITE, ACT_GENUINE | ACT_RETRY | ACT_ACQUIRE | ACT_RELEASE) \
	X(FILE_LOCK, "file-lock", FILE_LOCK, WRITE, ACT_GENUINE | ACT_RETRY | ACT_ACQUIRE) \
	X(FILE_TRYLOCK, "file-trylock", FILE_LOCK, WRITE, ACT_GENUINE | ACT_ACQUIRE) \
	X(FILE_UNLOCK, "file-unlock", FILE_LOCK, WRITE, ACT_GENUINE | ACT_RELEASE) \
	X(EXTERNAL, "external", NONE, READ, ACT_GENUINE) \
	/* SQLite; the object is the database file, the second the connection */ \
	X(SQLITE_OPEN, "sqlite-open", DATABASE, READ, ACT_GENUINE) \
	X(SQLITE_PREPARE, "sqlite-prepare", DATABASE, READ, ACT_GENUINE | ACT_STATEMENT) \
	X(SQLITE_STEP, "sqlite-step", DATABASE, WRITE, ACT_GENUINE | ACT_STATEMENT | ACT_ACQUIRE | ACT_RELEASE) \
	X(SQLITE_EXEC, "sqlite-exec", DATABASE, WRITE, ACT_GENUINE | ACT_STATEMENT | ACT_ACQUIRE | ACT_RELEASE) \
	X(SQLITE_RESET, "sqlite-reset", DATABASE, WRITE, ACT_GENUINE | ACT_STATEMENT) \
	X(SQLITE_BLOB, "sqlite-blob", DATABASE, WRITE, ACT_GENUINE | ACT_ACQUIRE | ACT_RELEASE) \
	X(SQLITE_BACKUP, "sqlite-backup", DATABASE, WRITE, ACT_GENUINE | ACT_ACQUIRE | ACT_RELEASE) \
	X(SQLITE_CLOSE, "sqlite-close", DATABASE, WRITE, ACT_GENUINE | ACT_RELEASE) \
	/* one request to a database server and its reply; the object is the database, the second the connection */ \
	X(DB_STATEMENT, "db-statement", DATABASE, WRITE, \
		ACT_GENUINE | ACT_STATEMENT | ACT_RETRY | ACT_ACQUIRE | ACT_RELEASE) \
	X(DB_WAIT, "db-wait", DATABASE, READ, ACT_ACQUIRE | ACT_PATIENT) \
	/* annotations (race.h) */ \
	X(UNIT_BEGIN, "unit-begin", UNIT, WRITE, ACT_PLAIN) \
	X(UNIT_END, "unit-end", UNIT, WRITE, ACT_PLAIN) \
	X(EFFECT, "effect", EFFECT, WRITE, ACT_PLAIN) \
	X(LABEL, "label", NONE, READ, ACT_MARK)

enum op {
#define X(identifier, text, object, mode, flags) OP_##identifier,
	OPS(X)
#undef X
	OP_COUNT
};

/* Kinds of objects. A new kind is a row here and a model in model/. */
#define OBJECT_KINDS(X) \
	X(NONE, "none") \
	X(TASK, "task") \
	X(MUTEX, "mutex") \
	X(COND, "cond") \
	X(RWLOCK, "rwlock") \
	X(SEM, "semaphore") \
	X(BARRIER, "barrier") \
	X(ONCE, "once") \
	X(SPIN, "spinlock") \
	X(FUTEX, "futex") \
	X(PROCESS, "process") \
	X(CHANNEL, "channel") \
	X(FILE_LOCK, "file-lock") \
	X(DATABASE, "database") \
	X(CONNECTION, "connection") \
	X(UNIT, "unit") \
	X(EFFECT, "effect")

enum object_kind {
#define X(identifier, text) OBJECT_##identifier,
	OBJECT_KINDS(X)
#undef X
	OBJECT_KIND_COUNT
};

enum op_mode { MODE_READ, MODE_WRITE };

struct op_info {
	const char *text;
	uint8_t object_kind; /* enum object_kind */
	uint8_t mode;        /* enum op_mode */
	uint16_t flags;      /* enum op_act, or-ed */
};

/* A power of two, so that a number from anywhere is made a row by one instruction. */
enum { OP_ROWS = 128 };

/* The rows of operations; those behind the last one are like that of OP_NONE. */
extern const struct op_info op_infos[OP_ROWS] __attribute__((visibility("hidden")));

/* The row of an operation; of another number some row. Never NULL. */
static inline const struct op_info *op_info(uint16_t op)
{
	return &op_infos[op % OP_ROWS];
}

/* Who only gives back can do so at once, whatever its object is like: no model is asked. */
static inline bool op_never_waits(uint16_t op)
{
	return (op_info(op)->flags & (ACT_RELEASE | ACT_ACQUIRE | ACT_RETRY)) == ACT_RELEASE;
}

/* The operation spelt so in schedules, or OP_NONE. */
uint16_t op_parse(const char *text, uint32_t nbytes);

/* "mutex", "database", ...; "none" when out of range. */
const char *object_kind_text(uint16_t kind);

#endif
