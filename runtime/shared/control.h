/*
 * The control block: the one piece of memory that race and the controlled processes share.
 *
 * Version rule: both sides are built from this header; librace.so refuses a block whose `magic`, `version` or `size`
 * differ, so any change of layout changes CONTROL_VERSION. Everything in it is an index or an offset from the start
 * of the block, never a pointer: race and each process map it where they can.
 *
 * It is a memfd that race creates and hands down by descriptor. Its pages cost nothing until touched.
 *
 * Who writes what: `settings` race, before the start. `slots[]` plan and prefix: race while the slot is IDLE; result
 * and trace: the target while RUNNING. `statements`, `text`, `redirects`, `written`: whoever has the turn, append only
 * (but for holes in `written`), valid for the whole campaign. `modules`: whoever has the turn; those of the execution run last. `world`: whoever has the turn. `log`: anybody, atomically.
 */
#ifndef RACE_SHARED_CONTROL_H
#define RACE_SHARED_CONTROL_H

#include <stdint.h>

#include "choice.h"
#include "database.h"
#include "debugger.h"
#include "limits.h"
#include "network.h"
#include "outcome.h"
#include "plan.h"
#include "probe.h"
#include "statement.h"
#include "warm.h"
#include "world.h"

#define CONTROL_MAGIC 0x6c6f72746e6f6372ULL /* "rcontrol" */
enum { CONTROL_VERSION = 21 };
#define CONTROL_ADDRESS 0x2a0000000000ULL /* preferred in the target */
#define CONTROL_VARIABLE "RACE_CONTROL"   /* descriptor number; removed from the environment at start */
#define OPTIONS_VARIABLE "RACE_OPTIONS"   /* the bare preload's options */

enum control_mode {
	CONTROL_PASS,    /* loaded, does nothing */
	CONTROL_OBSERVE, /* genuine calls, real parallelism, everything recorded */
	CONTROL_CONTROL, /* models, turn */
};

enum reuse { REUSE_FORK, REUSE_EXEC, REUSE_RESTORE };
enum carrier_id { CARRIER_THREAD, CARRIER_FIBER };

/* Why fibers can't carry a program: then it is run on threads. X(identifier, text) */
#define CARRIER_LOSSES(X) \
	X(NONE, "none") \
	X(SLEEPS, "a thread sleeps in the kernel while others could go on") \
	X(SPINS, "a thread spins on memory that only another one changes") \
	X(CLONE, "it makes a thread by a bare system call") \
	X(SCHEDULING, "it sets how the kernel schedules a thread, or asks for it") \
	X(SIGNAL, "it queues a signal with a value for a thread") \
	X(CREDENTIALS, "a thread sets its own user or groups, which are not its process's")

enum carrier_loss {
#define X(identifier, text) CARRIER_LOSS_##identifier,
	CARRIER_LOSSES(X)
#undef X
};

static inline const char *carrier_loss_text(unsigned int loss)
{
	switch (loss) {
#define X(identifier, text) case CARRIER_LOSS_##identifier: return text;
	CARRIER_LOSSES(X)
#undef X
	default: return "unknown";
	}
}

/* Why executions can't begin at a snapshot: then each gets a process of its own. X(identifier, text) */
#define SNAPSHOT_LOSSES(X) \
	X(NONE, "none") \
	X(NOT_READY, "threads of these attributes can't be made ready") \
	X(EXEC, "another program executes it") \
	X(LOCK, "it holds a lock on a file before its first thread") \
	X(SHARED, "it has memory that is shared with others, or a file's, before its first thread") \
	X(FILES, "it changes files before its first thread") \
	X(STACK, "it has a signal stack before its first thread, a thread that is not controlled, or too many descriptors") \
	X(BEGINNING, "the schedule has a say in what it does before its first thread") \
	X(MEMORY, "its memory can't be kept") \
	X(KERNEL, "this kernel has no syscall user dispatch") \
	X(CALL, "it makes a system call that can't be undone") \
	X(CHANNEL, "it uses a pipe or socket that it made before its first thread") \
	X(DIFFERS, "a restored execution had another trace than a fresh one of the same plan") \
	X(FAULT, "it writes more memory than is kept, or crashes") \
	X(KEYS, "it protects memory by keys before its first thread") \
	X(SESSION, "its sessions with database servers can't live on") \
	X(NAMELESS, "it has a file without a name open for writing before its first thread")

enum snapshot_loss {
#define X(identifier, text) SNAPSHOT_LOSS_##identifier,
	SNAPSHOT_LOSSES(X)
#undef X
};

static inline const char *snapshot_loss_text(unsigned int loss)
{
	switch (loss) {
#define X(identifier, text) case SNAPSHOT_LOSS_##identifier: return text;
	SNAPSHOT_LOSSES(X)
#undef X
	default: return "unknown";
	}
}

struct settings {
	uint32_t mode;         /* enum control_mode */
	uint32_t reuse;        /* enum reuse */
	uint32_t carrier;      /* enum carrier_id */
	uint32_t cpu;          /* processor that tasks are pinned to; ~0 none */
	int32_t control_fd;    /* the block's descriptor in the target */
	int32_t explorer_pid;
	int32_t explorer_fd;   /* the block's descriptor in race */
	uint32_t stacks;       /* plans with PLAN_RICH will come: the unwinder is opened when the program starts */
	uint32_t input_offset_valid; /* standard input is a file: rewound to input_offset before each execution */
	uint32_t redirect;     /* 1: databases are opened in `folder`, see redirects */
	uint64_t input_offset;
	uint64_t hold_signals; /* reserved */
	char folder[256];      /* of the campaign: base/ start states, live/ what executions work on */
	char unit[64];         /* --unit: name of the function whose calls are units, empty: none */
};

enum slot_state {
	SLOT_IDLE,    /* race may write a plan */
	SLOT_PLANNED, /* a plan waits for the target; race may take it back */
	SLOT_CLAIMED, /* the target is about to run it */
	SLOT_RUNNING,
	SLOT_DONE,    /* result and trace are complete; race reads them and makes the slot IDLE */
};

/* What is to be known of an execution without reading its trace. */
enum remark {
	REMARK_RESTORED = 1, /* it ended at a snapshot, and its process lives on */
	REMARK_OUTSIDE = 2,  /* it may have left something outside the process: output, files, loaded modules */
	REMARK_FAIL = 4,     /* it has recorded a failure */
	REMARK_WORK = 8,     /* its trace has units, effects, or work on databases */
};

/* What one execution came to. */
struct result {
	uint64_t plan;
	uint64_t hash;         /* of the trace, see trace.h */
	uint32_t outcome;      /* enum outcome */
	int32_t status;        /* of the main process, as wait() gives it */
	uint32_t limit;        /* enum limit_id */
	uint32_t uncontrolled; /* bit set of enum uncontrolled */
	uint32_t nsteps, nchoices, npreemptions, ntasks;
	uint32_t diverged_at;  /* directive that could not be met */
	uint32_t hang;         /* enum hang_cause, with OUTCOME_HANG */
	uint32_t remarks;      /* bit set of enum remark */
	uint32_t reserved;
	uint64_t trace_bytes;
	uint64_t virtual_ns;
};

/*
 * The first LIMIT_SLOTS slots have room for every plan and trace; those behind them are for executions that run ahead,
 * see explorer/ahead.h, and small enough to stay in the processor's caches.
 */
enum {
	AHEAD_SLOTS = 64,
	AHEAD_PREFIX = 4096,
	AHEAD_TRACE_BYTES = 128 * 1024,
	CONTROL_SLOTS = LIMIT_SLOTS + AHEAD_SLOTS,
};

struct slot {
	uint32_t state; /* enum slot_state; futex */
	uint32_t reserved;
	struct plan plan;
	struct result result;
	uint64_t prefix_offset; /* struct directive[prefix_limit] */
	uint64_t prefix_limit;
	uint64_t trace_offset;
	uint64_t trace_limit;   /* bytes */
};

/* A loaded module of a process image. Sites are printed relative to it. */
struct module {
	uint64_t base, end; /* as mapped in that image */
	uint32_t path;      /* text offset */
	uint16_t process;   /* index whose image it is; with `image` */
	uint16_t flags;     /* enum module_flag */
	uint32_t image;
	uint32_t reserved;
};

enum module_flag {
	MODULE_SYSTEM = 1, /* libc, the loader, libgcc: calls from there are guarded */
	MODULE_GONE = 2,   /* unloaded */
	MODULE_INLINE_ATOMIC = 4,
};

/* The name of a start routine, found out once. */
struct routine {
	uint64_t key;  /* hash of its module's path and offset, 0: free */
	uint32_t name; /* text offset */
	uint32_t reserved;
};

/* The same by its address, in processes forked before main and for modules from then; a row for each of some addresses. */
enum { RECENT_ROUTINES = 16, RECENT_NAME_BYTES = 40 };

struct recent_routine {
	uint64_t address; /* 0: none */
	char name[RECENT_NAME_BYTES];
};

/* A database file of the program and the private copy it works on. */
struct redirect {
	uint64_t hash; /* of the absolute path */
	uint32_t path; /* text offset of the original absolute path */
	uint32_t copy; /* text offset of the file in settings.folder/live */
	uint32_t base; /* text offset of the file in settings.folder/base */
	uint32_t flags;/* enum redirect_flag */
};

enum redirect_flag {
	REDIRECT_EXISTED = 1, /* there was a file when the campaign met it */
	REDIRECT_OPENED = 2,  /* as a database, by its client library */
};

/* Files that the program made, changed or removed under their own names. */
enum { WRITTEN_PATH_BYTES = 768 };

struct written {
	uint32_t n;    /* places in use, holes among them */
	uint32_t more; /* 1: there were more, or such as have longer names */
	uint64_t hashes[LIMIT_WRITTEN]; /* of the paths; 0: a hole */
	uint8_t existed[LIMIT_WRITTEN]; /* 1: it was there when the campaign first met it */
	char paths[LIMIT_WRITTEN][WRITTEN_PATH_BYTES]; /* absolute */
};

/* Why an execution ended as OUTCOME_REFUSED. */
enum obstacle_kind {
	OBSTACLE_NONE,
	OBSTACLE_COPY,      /* a database can't be copied: `error` */
	OBSTACLE_DATABASES, /* there are more than LIMIT_REDIRECTS */
	OBSTACLE_NETWORK,   /* it connects to another machine: `path` */
	OBSTACLE_FOREIGN,   /* all wait, and threads that are not controlled may be what they wait for */
	OBSTACLE_DATABASE,  /* it talks to a database server that no --db names: `path`; `error`: enum database_server */
};

struct obstacle {
	uint32_t kind;  /* enum obstacle_kind */
	int32_t error;  /* errno, or what the kind says */
	uint32_t path;  /* text offset of what it is about */
};

/* What threads the executions of a campaign create: as many can be made ready before the next one starts. */
enum { FIBER_KINDS = 8, FIBER_KIND_BYTES = 56 };

struct fiber_kind {
	unsigned char attributes[FIBER_KIND_BYTES]; /* pthread_attr_t without what is a thread's own */
	uint32_t used; /* by the current execution */
	uint32_t most; /* in one execution; 0: a free place */
};

/* The question of PLAN_ASK: the target fills it in, wakes `word`, and waits for ANSWERED. */
enum ask_state { ASK_NONE, ASK_PENDING, ASK_ANSWERED };

struct ask {
	uint32_t word;        /* enum ask_state; futex */
	uint16_t kind;        /* enum choice_kind; CHOICE_TASK has its alternatives in `decision` sets */
	uint16_t task;        /* who chooses, or who announced last */
	uint32_t n, normal;   /* of value choices */
	uint32_t object;      /* what a value choice is about, 0: what the task's operation is about */
	struct task_set enabled, timed;
	struct task_set waiting; /* who could time out but for the limits of early.h, those in `timed` included */
	uint32_t slot;
	/* the answer */
	uint32_t answer;      /* task or value */
	uint32_t timeout;
	uint32_t diverged;    /* the explorer gives up */
};

struct control {
	uint64_t magic;
	uint32_t version;
	uint32_t reserved;
	uint64_t size;
	struct settings settings;
	/* doorbells, futexes: counts that only grow */
	uint32_t plans_written;   /* race has put a plan into a slot */
	uint32_t results_written; /* the target finished a slot, asks, or needs attention */
	uint32_t server_sleeps;   /* 1: somebody in the target may sleep on plans_written */
	uint32_t explorer_sleeps; /* 1: race may sleep on results_written */
	uint64_t wake_at;         /* plan number: results of earlier ones wake race only when there is no other plan */
	uint64_t offered[CONTROL_SLOTS]; /* numbers of plans, set before a slot is PLANNED; 0 once it is claimed */
	uint32_t server_pid;      /* of the fork server once it waits for plans */
	uint32_t server_hears;    /* it learns when children of it end */
	uint32_t unwinds;         /* executions so far have ended threads by unwinding */
	uint32_t passed;          /* slot + 1 of a plan that its child leaves to a process of its own; 0: none */
	uint32_t stop;            /* race: the server shall leave */
	uint32_t current_slot;    /* slot being executed */
	uint64_t slot_offset;     /* of that slot from here, and what the target needs of it at every step: */
	uint64_t trace_offset, trace_limit; /* 0 until there is one */
	uint32_t attention;       /* the target asks race to take over: bit set of enum attention */
	int32_t main_pid;         /* of the running execution */
	uint32_t main_ended;      /* the server has reaped it; main_status is valid */
	int32_t main_status;
	uint32_t started;         /* librace.so is in charge of the program (doctor: was it loaded at all?) */
	uint32_t carrier_loss;    /* enum carrier_loss: why the program can't be run on fibers */
	uint32_t nrestored;       /* executions that ended at a snapshot and were undone */
	uint32_t nresumed;        /* of them, those that had gone on from a checkpoint, see runtime/checkpoint.h */
	uint32_t nlosses;         /* times that a snapshot could not be taken, or had to be given up */
	uint32_t snapshot_loss;   /* enum snapshot_loss: why, the last time */
	int32_t snapshot_detail;  /* SNAPSHOT_LOSS_CALL: the system call; SNAPSHOT_LOSS_SESSION: enum session_loss */
	uint32_t log_used;
	uint32_t text_used;
	uint32_t nstatements;     /* highest index in use */
	uint32_t nmodules;
	uint32_t nredirects;
	uint32_t nchildren;       /* of the fork server */
	uint32_t learning;        /* so many executions more write down what they have used when they end, see warm.h */
	/* what the target could run on before its tasks were pinned; written by the first who pins */
	uint32_t naffinity_bytes, nprocessors;
	uint64_t affinity[16];
	struct fiber_kind fiber_kinds[FIBER_KINDS];
	struct recent_routine recent_routines[RECENT_ROUTINES];
	uint32_t nlooks;          /* for what executions have bound, see binding.h */
	/* what every execution touches is near the beginning: the kernel maps 64 KB at a time */
	struct slot slots[CONTROL_SLOTS];
	struct world world;
	struct ask ask;
	struct debugger debugger; /* race replay --gdb */
	struct probe probe;
	struct obstacle obstacle;
	struct inquiry inquiry;
	struct network network;
	uint32_t nsessions; /* highest index in use; 0 is none */
	uint32_t npeers;
	uint32_t session_marks; /* of all sessions of this execution, those that have ended included: bit set of enum session_mark */
	uint32_t inherits;      /* enum inheritance: has a process sessions that live on? */
	struct database_peer peers[DATABASE_PEERS];
	struct database_session sessions[DATABASE_SESSIONS];
	struct redirect redirects[LIMIT_REDIRECTS];
	struct routine routines[LIMIT_ROUTINES];
	struct module modules[LIMIT_MODULES];
	struct statement statements[LIMIT_STATEMENTS];
	struct written written;
	struct warm warm;
	char log[LIMIT_LOG_BYTES];
	char text[LIMIT_TEXT_BYTES];
};

enum attention {
	ATTENTION_LEFTOVER = 1,  /* the main process has ended, others live */
	ATTENTION_REFUSED = 2,
	ATTENTION_STUCK = 4,     /* those others don't go on any more: they can't, or seem to be there for ever */
};

/* Bytes of the whole block, prefix and trace areas included. */
static inline uint64_t control_size(void)
{
	uint64_t page = 4096;
	uint64_t head = (sizeof(struct control) + page - 1) / page * page;
	return head + LIMIT_SLOTS * (LIMIT_PREFIX * sizeof(struct directive) + (uint64_t)LIMIT_TRACE_BYTES) +
		AHEAD_SLOTS * (AHEAD_PREFIX * sizeof(struct directive) + (uint64_t)AHEAD_TRACE_BYTES);
}

#endif
