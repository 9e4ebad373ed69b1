/*
 * The world of one execution: its tasks, processes, objects and clock, as the controlled program sees them.
 *
 * The world lives in the control block and is shared by all processes of an execution. Whoever has the turn owns it:
 * no other task, and not the explorer, writes to it, so it needs no locks. (Three exceptions, all atomic: a task that
 * lapsed announces its return in `state`, signals from outside are added to those of a task, and the turn itself.) It
 * holds indices, never pointers, so that every process may map it elsewhere. All functions on it are pure: no system
 * call, no allocation.
 *
 * Index 0 of every table means "none".
 */
#ifndef RACE_SHARED_WORLD_H
#define RACE_SHARED_WORLD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "conversation.h"
#include "limits.h"
#include "op.h"

enum { TASK_WORDS = LIMIT_TASKS / 64, WORLD_BUCKETS = 1024 };

/* A set of tasks, one bit each. */
struct task_set {
	uint64_t words[TASK_WORDS];
};

enum request_flag {
	REQUEST_TIMED = 1,     /* has a deadline; may end by time-out */
	REQUEST_GUARDED = 2,   /* made inside a library call: offers no choice unless it must block */
	REQUEST_INTERRUPT = 4, /* a held signal ends it with EINTR */
	REQUEST_HOLD = 8,      /* sleeps and the like: enabled only when time has come */
	REQUEST_CANCEL = 16,   /* a cancellation point: TASK_CANCELLED ends it with EINTR */
	REQUEST_ASKED = 32,    /* ACT_RETRY: the kernel has said that it can't be done yet */
	REQUEST_OUTSIDE = 64,  /* ACT_RETRY: somebody who is not controlled may end the wait */
	REQUEST_MASKED = 256,  /* signals that it does not wait for are blocked, whatever the task's mask says */
	REQUEST_PATIENT = 128, /* its time-out is taken only when nobody else can go, as with ACT_PATIENT; see early.h */
};

/* An announced operation: what a task is about to do. */
struct request {
	uint16_t op;          /* enum op */
	uint16_t flags;       /* enum request_flag */
	uint32_t object;      /* the object it acts on */
	uint32_t second;      /* a second one: the mutex of a condition wait, the connection of a statement */
	uint32_t statement;   /* statements[] index of what a database client sends */
	uint64_t argument;    /* meaning by operation, see model/model.h */
	uint64_t deadline_ns; /* virtual time, with REQUEST_TIMED */
	uint64_t site;        /* return address in the program */
	uint32_t pick;        /* ACT_WAKES: which waiter, counted in waiting order */
	uint32_t asked;       /* REQUEST_ASKED: low half of world.progress when the kernel was asked */
};

enum task_state {
	TASK_FREE,
	TASK_RUNNING,  /* has the turn */
	TASK_READY,    /* has announced `pending` and waits for the turn */
	TASK_LAPSED,   /* asleep in the kernel outside our control; others run meanwhile */
	TASK_RETURNED, /* woke from a lapse and queues for the turn; `pending` is valid */
	TASK_ENDED,
};

enum task_flag {
	TASK_DETACHED = 1,
	TASK_JOINED = 2,
	TASK_YIELDED = 4,   /* its last step was a yield */
	TASK_WOKEN = 8,     /* a signal, broadcast, wake or barrier release has reached it */
	TASK_EXPIRED = 16,  /* its deadline has been taken: the operation ends with a time-out */
	TASK_MAIN = 32,     /* first task of its process */
	TASK_CANCELLED = 64,
	TASK_TIMER = 256,   /* no task at all but a timer: whoever chooses it sends its signal and chooses again */
	TASK_HOLDS_LOST = 128, /* held more than LIMIT_HOLDS locks; reports say so */
	TASK_STRANGER = 512,   /* runs an image that can't be controlled, and does not come back */
	TASK_SUSPENDED = 2048, /* a signal has interrupted its wait, which is not recorded yet; see suspension.h */
	TASK_QUEUED = 4096,    /* `queued` counts: it keeps its place in a wait while a handler runs */
	TASK_SLEEPS = 1024,    /* chosen to wait in the kernel: only somebody who is not controlled can end its wait */
};

/* A wait in which handlers of signals run, to go on with after them; see suspension.h. */
struct suspension {
	struct request request;
	uint64_t wait_order, since_ns;
	uint64_t frame; /* of the stack, in which its task runs handlers */
	uint32_t flags; /* TASK_WOKEN, TASK_EXPIRED: what has become of the wait */
};

struct hold {
	uint32_t object;
	uint16_t count;
	uint16_t shared; /* read side of a reader-writer lock */
	uint64_t site;   /* where it was acquired */
};

/*
 * In every step all tasks are looked at: what that look needs is in the first 128 bytes, and tasks are an odd number of
 * cache lines apart, so that those of many tasks do not push each other out of the processor's nearest cache.
 */
struct task {
	uint32_t turn;     /* futex, see world_turn_word() */
	uint16_t id;
	uint16_t parent;   /* creating task, 0 for the first */
	uint16_t process;  /* processes[] index */
	uint8_t state;     /* enum task_state */
	uint8_t crowd;     /* crowds[] index: it is asked with others, see crowd.h; 0: by itself */
	uint32_t flags;    /* enum task_flag */
	struct request pending;
	uint64_t signals;    /* held for it, one bit each (1 << signo - 1) */
	uint64_t signal_mask;
	uint64_t priority;   /* of the chooser */
	uint64_t wait_order; /* when it announced `pending`; orders the waiters */
	/* Fairness, kept by turn.c. Steps are counted from 1; a stamp is the number of the step that comes next. */
	uint32_t last_step, last_yield; /* 0: none yet */
	uint32_t first_seen, last_seen; /* stamps: when it was first, last enabled or asleep */
	uint32_t nyields;
	uint32_t nops;     /* operations announced so far */
	int64_t result;    /* of its last operation */
	int32_t tid;       /* kernel's, informative and for the watchdog; never in a hash */
	uint32_t object;   /* its own object of kind TASK: begin, exit and join act on it */
	uint32_t nchildren;
	uint32_t ndraws;   /* random values drawn */
	uint32_t nunits;   /* marked units it has begun */
	uint32_t nholds;
	uint64_t unit;     /* identity of the marked unit it works for, inherited by its children; 0: none */
	uint64_t identity; /* hash of parent identity and child number: the same whatever the interleaving */
	uint64_t start;    /* start routine, informative */
	uint64_t exit_value;
	uint64_t early_site; /* where it last timed out early, and how many times in a row; kept by early.c */
	uint32_t nearly;
	uint32_t joined;   /* stamp: when it joined its crowd */
	uint64_t since_ns; /* when it announced the wait that it is in, which may take several operations with one deadline */
	struct hold holds[LIMIT_HOLDS];
	/* of a process's first task: locks that its parent held when it forked; the copies in its memory are held, too */
	uint32_t ninherited, inherited[LIMIT_HOLDS];
	char name[LIMIT_NAME_BYTES];
	struct task_set after; /* having yielded, it goes again only after these, as far as they can go */
	struct suspension suspended; /* the wait that was interrupted last */
	struct suspension queued;    /* TASK_QUEUED: where others find the task among the waiters */
	uint64_t sender; /* as `identity`, of programs what they were started as: what a request that it sends is known by */
} __attribute__((aligned(64)));

_Static_assert(offsetof(struct task, tid) == 128 && sizeof(struct task) / 64 % 2 == 1, "");

enum object_flag {
	OBJECT_SHARED = 1,       /* process-shared: one object whatever the mapping */
	OBJECT_RECURSIVE = 2,
	OBJECT_ERRORCHECK = 4,
	OBJECT_ROBUST = 8,
	OBJECT_INCONSISTENT = 16,  /* robust owner died, not yet made consistent */
	OBJECT_UNRECOVERABLE = 32,
	OBJECT_DESTROYED = 64,
	OBJECT_MONOTONIC = 128,  /* condition: deadlines are on CLOCK_MONOTONIC */
	OBJECT_WRITER_FIRST = 256,
	OBJECT_OWNER_DIED = 512,
	OBJECT_OUTSIDE = 1024,   /* channel: who has its other end is not known */
	OBJECT_LISTENING = 2048, /* channel: an address at which a task of ours listens */
	OBJECT_CONVERSES = 4096, /* channel: a connection that may speak HTTP, see conversation.h */
};

/*
 * One synchronisation object. Fields by kind:
 *   TASK      owner = the task; count = 1 once it has ended
 *   MUTEX     owner, count = recursion depth
 *   RWLOCK    owner = writer, count = number of readers (who: holds of the tasks)
 *   COND      count = waiters; waiters are tasks whose pending COND_WAKE names it, in wait_order
 *   SEM       count = value
 *   BARRIER   limit = threads needed, count = arrived, version = generation
 *   ONCE      count = 0 fresh, 1 running (owner), 2 done
 *   SPIN      owner
 *   FUTEX     waiters as for COND
 *   PROCESS   owner = first task; count = unreaped dead children
 *   CHANNEL   version = changes made to it by tasks; limit = the object that stands for it, 0: itself (socket pairs);
 *             owner = the only task that has used it, count = times in a row that its events were held back (delivery.h)
 *   FILE_LOCK version = times that a lock was given back; who holds one: holds of the tasks
 *   DATABASE  version = number of lock releases seen
 */
struct object {
	uint16_t kind;       /* enum object_kind */
	uint16_t flags;      /* enum object_flag */
	uint16_t owner;
	uint16_t process;    /* whose address it is; 0 when shared */
	uint32_t generation; /* differs each time the slot or the memory is reused */
	uint32_t count;
	uint32_t limit;
	uint32_t next;       /* hash chain */
	uint64_t address;    /* in `process`; of shared objects: device, inode and offset, hashed */
	uint64_t version;
};

enum process_state { PROCESS_FREE, PROCESS_LIVE, PROCESS_ZOMBIE, PROCESS_REAPED };

struct process {
	int32_t pid;
	uint16_t parent;
	uint8_t state; /* enum process_state */
	uint8_t reserved;
	uint32_t object;
	uint32_t ntasks; /* live ones */
	int32_t status;  /* as wait() gives it */
	uint32_t image;  /* counts exec: module tables differ between images */
	uint32_t turn;   /* futex, see world_turn_word() */
	uint32_t fibers; /* 1: its tasks share one kernel thread */
	uint64_t identity;
	uint64_t program; /* what it was started as, by what: hash of the commands up to its own */
	uint64_t signals; /* sent to the process and blocked by all its tasks; one bit each (1 << signo - 1) */
	uint64_t handled; /* signals that it has handlers for */
	uint64_t ignored;
	uint64_t watched; /* signals that descriptors of it may tell of (signalfd) */
};

/*
 * Misuse that the genuine call answers with success, an error or undefined behaviour. A model notes the last one it met
 * in world.misuse; the runtime reads it after model_apply, records it and clears it. X(identifier, text)
 */
#define MISUSES(X) \
	X(NONE, "none") \
	X(UNLOCK_NOT_OWNER, "unlocks a lock that another task holds") \
	X(UNLOCK_UNLOCKED, "unlocks a lock that nobody holds") \
	X(DESTROY_LOCKED, "destroys a lock that is held") \
	X(DESTROY_WAITED, "destroys an object that others wait on") \
	X(WAIT_WITHOUT_MUTEX, "waits on a condition without holding the mutex") \
	X(JOIN_SELF, "joins itself") \
	X(JOIN_TWICE, "joins a thread that was joined or detached before") \
	X(USE_DESTROYED, "uses an object after its destruction")

enum misuse {
#define X(identifier, text) MISUSE_##identifier,
	MISUSES(X)
#undef X
	MISUSE_COUNT
};

static inline const char *misuse_text(unsigned int misuse)
{
	switch (misuse) {
#define X(identifier, text) case MISUSE_##identifier: return text;
	MISUSES(X)
#undef X
	default: return "unknown";
	}
}

/* What the program has met that need not be the same when it begins again. */
enum seen {
	SEEN_CLOCK = 1,  /* clock_start_ns */
	SEEN_RANDOM = 2, /* seed, through what it drew */
	SEEN_CHOICE = 4, /* a value was chosen */
	SEEN_FILES = 8,  /* it has changed files, which others may change again */
	SEEN_KEYS = 16,  /* it has memory that only threads with a right of their own may touch */
	SEEN_FILE_LOCKS = 32, /* observed: it takes locks on files, which may keep apart what seems to be side by side */
	SEEN_MACHINE = 128, /* observed: a virtual machine runs the program, whose locks are seen only where one waits */
	SEEN_FOREIGN = 64, /* threads that are not controlled share its memory: they may end waits of ours */
};

enum { ROUNDS_WINDOW = 8192, CROWDS = 8 };

/* Tasks that wait for the same, see crowd.h. */
struct crowd {
	uint32_t object;
	uint16_t op, count; /* count 0: unused */
	uint32_t last_seen; /* stamp: when its members were last enabled; 0: not since it began */
	struct task_set members;
};

struct world {
	uint64_t plan;         /* number of the plan being executed */
	uint32_t ntasks;       /* highest index in use */
	uint32_t nprocesses;
	uint32_t nobjects;
	uint32_t nsteps;
	uint32_t ncalm;        /* steps before somebody listened, with PLAN_CALM */
	uint32_t listened;     /* some task has begun to listen on a socket */
	uint32_t nchoices;     /* with more than one alternative */
	uint32_t npreemptions;
	uint32_t nfaults;
	uint32_t cursor;       /* next directive of the prefix */
	uint32_t nyields;      /* yields in a row, across tasks; a livelock when large */
	uint32_t running;      /* task that has the turn, 0: nobody (all wait for lapsed tasks) */
	uint32_t holder_word;  /* futex of those who wait for nobody's turn */
	uint64_t now_ns;       /* virtual time since the start of the execution */
	uint64_t idle_ns;      /* of that, what passed while tasks waited: no processor time */
	uint64_t early_ns;     /* by how much early time-outs have moved it since it last moved by itself, without the longest */
	uint64_t early_longest_ns;
	uint64_t waits;        /* source of wait_order */
	uint64_t random;       /* state of the chooser's generator */
	uint64_t hash;         /* of the trace so far */
	uint32_t outcome;      /* enum outcome, set once */
	uint32_t limit;        /* enum limit_id, with OUTCOME_LIMIT */
	uint32_t uncontrolled; /* bit set of enum uncontrolled */
	uint32_t next_change;  /* pct: index of the next priority change */
	uint32_t change_at[32];/* pct: steps at which priorities change, ascending */
	uint64_t trace_bytes;  /* written to the slot's trace area so far */
	uint64_t generations;  /* source of object generations, so that no two executions share one */
	uint32_t nunits;       /* marked units begun so far */
	uint32_t marked;       /* PLAN_MARK has been done */
	uint32_t misuse;           /* enum misuse, see there */
	uint32_t chooser;          /* enum chooser_id, set by turn_open */
	uint32_t run_begun;        /* the DIRECTIVE_RUN at `cursor` has been followed for a step */
	uint32_t hang;             /* enum hang_cause, with OUTCOME_HANG */
	uint32_t main_ended_at;    /* nsteps + 1 when the main process ended; 0: it lives. See leftover.h */
	uint32_t refusals;         /* tasks and processes that could not be made because a table is full */
	uint64_t main_ended_ns;    /* virtual time of that */
	uint64_t channel_changes;  /* of all channels: what POLL without an object waits for */
	uint64_t channel_breaks;   /* counts what may have changed any channel: the death of a process */
	uint32_t looked;           /* the clock has been read since the last step */
	uint32_t seen;             /* bit set of enum seen */
	uint32_t remarks;          /* bit set of enum remark, see control.h */
	uint64_t progress;         /* counts all that may have changed what the kernel says, see model/retry.h */
	struct conversation_book book;
	struct task_set crowded;   /* members of all crowds */
	uint32_t ncrowds;          /* that have members */
	uint32_t struck;           /* signals from outside have been added since the last survey */
	struct task_set fenced;    /* tasks whose `after` is not empty */
	uint32_t nfenced;
	uint32_t nsuspended;       /* tasks with TASK_SUSPENDED */
	uint32_t reordered;        /* PLAN_REORDER_NEW has been done for this task's touch; 0: for none's */
	/* what an execution touches of the arrays lies in few windows of 64 KB: the kernel maps one at a time */
	uint32_t object_hash[WORLD_BUCKETS]; /* (process, address) -> first object of the chain */
	struct process processes[LIMIT_PROCESSES];
	uint32_t rounds[ROUNDS_WINDOW]; /* the last steps, see rounds.h */
	struct crowd crowds[CROWDS + 1];
	struct task tasks[LIMIT_TASKS];
	struct object objects[LIMIT_OBJECTS];
	struct conversation conversations[LIMIT_CONVERSATIONS];
	uint64_t request_units[LIMIT_REQUESTS]; /* identities, book.nunits of them */
};

/* All before the arrays. */
enum { WORLD_HEAD_BYTES = offsetof(struct world, object_hash) };

/* What the task is about to do. A wait that goes on, with the deadline that it had, began when it first did. */
static inline void world_pend(const struct world *world, struct task *task, const struct request *request)
{
	if (request->deadline_ns != task->pending.deadline_ns)
		task->since_ns = world->now_ns;
	task->pending = *request;
}

static inline void task_set_add(struct task_set *set, uint32_t id)
{
	set->words[id / 64] |= 1ULL << (id % 64);
}

static inline void task_set_remove(struct task_set *set, uint32_t id)
{
	set->words[id / 64] &= ~(1ULL << (id % 64));
}

static inline bool task_set_has(const struct task_set *set, uint32_t id)
{
	return set->words[id / 64] >> (id % 64) & 1;
}

/*
 * The futex on which a task sleeps while it does not have the turn; whoever gives it the turn stores 1. Tasks that share
 * a kernel thread share the futex: which of them is meant says `running`.
 */
static inline uint32_t *world_turn_word(struct world *world, uint32_t id)
{
	struct process *process = &world->processes[world->tasks[id].process];

	return process->fibers ? &process->turn : &world->tasks[id].turn;
}

/*
 * The task says what it is about to do: sets pending, wait_order, state READY, clears TASK_WOKEN and TASK_EXPIRED,
 * counts the operation. Marks and guarded operations that need not block are not announced.
 */
void world_announce(struct world *world, struct task *task, const struct request *request);

/* Empties the world for a new execution; touches only what the last one used. */
void world_reset(struct world *world);

/* Words of a set that ids up to world->ntasks need: most worlds have few tasks, and sets are looked at in every step. */
static inline uint32_t world_words(const struct world *world)
{
	return world->ntasks / 64 + 1;
}

/* Population count by halves (Warren, "Hacker's Delight", 5-1): not every x86-64 has an instruction for it. */
static inline uint32_t task_set_bits(uint64_t word)
{
	word -= word >> 1 & 0x5555555555555555ULL;
	word = (word & 0x3333333333333333ULL) + (word >> 2 & 0x3333333333333333ULL);
	word = (word + (word >> 4)) & 0x0f0f0f0f0f0f0f0fULL;
	return (uint32_t)(word * 0x0101010101010101ULL >> 56);
}

/* The number of tasks in the set. */
static inline uint32_t world_count(const struct world *world, const struct task_set *set)
{
	uint32_t n = 0;
	for (uint32_t i = 0; i < world_words(world); i++)
		n += task_set_bits(set->words[i]);
	return n;
}

/* The nth task of the set in order of id, counting from 0; 0 when there are fewer. */
static inline uint32_t world_nth(const struct world *world, const struct task_set *set, uint32_t nth)
{
	for (uint32_t i = 0; i < world_words(world); i++) {
		uint64_t word = set->words[i];
		for (; nth > 0 && word != 0; nth--)
			word &= word - 1;
		if (word != 0)
			return i * 64 + (uint32_t)__builtin_ctzll(word);
	}
	return 0;
}

/*
 * A fresh object, zeroed but for kind, process, address and a new generation; entered in the hash. 0 when the table
 * is full.
 */
uint32_t world_object_new(struct world *world, uint16_t kind, uint16_t process, uint64_t address);

/* Where object_hash has the chain of objects at this address. */
uint32_t world_bucket(uint16_t process, uint64_t address);

/* The object of this kind at this address, or 0. Destroyed ones are not found. */
uint32_t world_object_find(const struct world *world, uint16_t kind, uint16_t process, uint64_t address);

/*
 * Waiters: tasks READY with pending.object == object and this operation, neither TASK_WOKEN nor TASK_EXPIRED, or whose
 * suspended wait is such a one.
 */
bool world_waits(const struct task *task, uint32_t object, uint16_t op);
uint32_t world_waiters(const struct world *world, uint32_t object, uint16_t op);

/* The nth of them in wait_order, counting from 0; 0 when there are fewer. */
uint32_t world_waiter(const struct world *world, uint32_t object, uint16_t op, uint32_t nth);

/* Gives a waiter TASK_WOKEN, or its suspended wait. */
void world_wake(struct task *task, uint32_t object, uint16_t op);

/* Notes that a task holds an object (again), or gives one hold back. More than LIMIT_HOLDS: TASK_HOLDS_LOST. */
void world_hold(struct task *task, uint32_t object, bool shared, uint64_t site);
void world_release(struct task *task, uint32_t object);

/* The task's hold of this object, or NULL. */
const struct hold *world_held(const struct task *task, uint32_t object);

#endif
