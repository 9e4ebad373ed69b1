/*
 * The trace: what an execution did, as a sequence of records in the slot's trace area.
 *
 * Every record starts with struct record; `nbytes` is its whole length, a multiple of 8. Readers skip kinds they do
 * not know and accept records longer than they know. Little-endian, x86-64 only. The writer has the turn, so records
 * are in the order in which things happened. Text is NUL-terminated and counted in nbytes.
 *
 * The hash of a trace is taken over task identities, operations, object ordinals, choices and results as they are
 * recorded; never over addresses, process ids, descriptors, sites or times.
 *
 * One step is: ANNOUNCE (a task says what it is about to do, and stops) ... STEP (it was chosen, with the
 * alternatives there were) ... DONE (what came of it). Guarded operations have DONE only.
 */
#ifndef RACE_SHARED_TRACE_H
#define RACE_SHARED_TRACE_H

#include <stdint.h>

/* X(identifier, number): numbers never change */
#define RECORD_KINDS(X) \
	X(TASK, 1) X(OBJECT, 2) X(ANNOUNCE, 3) X(STEP, 4) X(DONE, 5) X(CHOICE, 6) X(ROW, 7) X(EFFECT, 8) X(UNIT, 9) \
	X(STACK, 10) X(FAIL, 11) X(UNCONTROLLED, 12) X(VALUE, 13) X(DATABASE, 14) X(END, 15) X(SIGNAL, 16) X(LABEL, 17) \
	X(TRANSACTION, 18) X(NAME, 19) X(REQUEST, 20) X(WORK, 21) X(REPLY, 22)

enum record_kind {
#define X(identifier, number) RECORD_##identifier = number,
	RECORD_KINDS(X)
#undef X
	RECORD_KIND_END, /* behind the last one */
};

struct record {
	uint16_t kind;
	uint16_t task; /* whose doing it is */
	uint32_t nbytes;
};

/* A task was born. */
struct record_task {
	struct record head;
	uint16_t id, parent, process, flags;
	uint32_t object;
	uint32_t image;
	uint64_t identity;
	uint64_t start;
	char name[]; /* `webhook`, `webhook#2`, program name for processes */
};

/* An object was met for the first time. Its ordinal is its index. */
struct record_object {
	struct record head;
	uint32_t id;
	uint16_t kind, process;
	uint64_t address;
	char name[]; /* of databases: the path the program used; else empty */
};

struct record_announce {
	struct record head;
	uint16_t op, flags; /* request.flags */
	uint32_t object, second;
	uint32_t statement;
	uint64_t argument;
	uint64_t site;
	uint64_t deadline_ns;
	uint32_t ordinal; /* number of this operation within its task, from 0 */
	uint32_t reserved;
};

enum step_flag { STEP_TIMEOUT = 1, STEP_PREEMPTION = 2, STEP_FORCED = 4, STEP_CLOCK_JUMP = 8 };

/* head.task was chosen and performs its announced operation. */
struct record_step {
	struct record head;
	uint16_t previous; /* task that had the turn and announced, 0: it ended */
	uint16_t flags;    /* enum step_flag */
	uint32_t nalternatives;
	uint64_t now_ns;
	uint32_t nwords;   /* when nalternatives > 1: words of each set, else 0 */
	uint32_t reserved;
	uint64_t sets[];   /* nwords of enabled, then nwords of timed */
};

/* The announced (or a guarded) operation has been performed. */
struct record_done {
	struct record head;
	uint16_t op, flags; /* DONE_GUARDED */
	uint32_t object;
	int64_t result;
	uint64_t digest;    /* of rows returned or bytes transferred; 0 when none */
	uint64_t site;
};

enum { DONE_GUARDED = 1 };

/* A value was chosen. */
struct record_choice {
	struct record head;
	uint16_t kind, reserved;
	uint32_t n, taken, normal;
	uint32_t object; /* what it is about, 0: what the operation is about */
	uint32_t reserved_too;
};

/* A row was changed (SQLite's preupdate hook). Values are text, one per line: column '=' old '>' new. */
struct record_row {
	struct record head;
	uint32_t database; /* object */
	uint32_t statement;
	uint64_t table;    /* hash of its name */
	int64_t rowid;
	uint32_t change;   /* 'i', 'u' or 'd' */
	uint32_t table_name; /* text offset */
	char values[];     /* empty unless PLAN_RICH */
};

struct record_effect {
	struct record head;
	uint64_t site;
	uint32_t key_at; /* offset of the key within text */
	uint32_t reserved;
	char text[];     /* name, NUL, key, NUL */
};

struct record_unit {
	struct record head;
	uint32_t begin;  /* 1 begins, 0 ends */
	uint32_t ordinal; /* units of this execution, from 1 */
	uint64_t identity; /* the same whatever the interleaving */
	char name[];
};

struct record_stack {
	struct record head;
	uint32_t npcs;
	uint32_t reserved;
	uint64_t pcs[]; /* innermost first */
};

enum fail_kind { FAIL_ASSERT = 1, FAIL_CHECK = 2, FAIL_ABORT = 3, FAIL_MISUSE = 4, FAIL_TERMINATE = 5 };

struct record_fail {
	struct record head;
	uint32_t what; /* enum fail_kind */
	uint32_t line;
	uint64_t site;
	uint32_t file_at, function_at; /* offsets within text; 0: absent */
	char text[];   /* message, NUL, file, NUL, function, NUL */
};

struct record_uncontrolled {
	struct record head;
	uint32_t reason; /* enum uncontrolled */
	uint32_t limit;
	uint64_t site;
	char text[];
};

/*
 * Something that a statement returned or was given: bound parameters, first row (PLAN_RICH). Or that it has changed rows
 * of a server's table, and names them: the table, then a tab and COLUMN=VALUE for each of several columns.
 */
struct record_value {
	struct record head;
	uint32_t statement;
	uint32_t role; /* 'p' parameters, 'r' row, 'k' rows it has changed */
	char text[];
};

enum transaction_end { TRANSACTION_GOES_ON, TRANSACTION_COMMITTED, TRANSACTION_ROLLED_BACK };

/* Transaction state of a connection after an operation. */
struct record_transaction {
	struct record head;
	uint32_t database;   /* object */
	uint32_t connection; /* object */
	uint32_t state;      /* 0 none, 1 read, 2 write */
	uint32_t ended;      /* enum transaction_end */
	uint32_t changes;    /* rows changed by the operation */
	uint32_t error;      /* client's error code, 0: fine */
	uint32_t statement;
	uint32_t autocommit;
};

/* The task has sent an HTTP request that is a unit. */
struct record_request {
	struct record head;
	uint64_t identity;
	char name[]; /* method and path */
};

/* From here on the task works for the request with this identity; 0: for none. */
struct record_work {
	struct record head;
	uint64_t identity;
};

/* It was answered. */
struct record_reply {
	struct record head;
	uint64_t identity;
	uint64_t digest; /* of the reply's body, see http.h */
	uint64_t input;  /* of the request's body */
	uint32_t status;
	uint32_t reserved;
	char context[];  /* traceparent, or empty */
};

struct record_label {
	struct record head;
	char text[];
};

/* What a deadlocked task waits for and who holds it are in the world; copied here at the end. */
struct record_end {
	struct record head;
	uint32_t outcome;
	uint32_t nsteps;
	uint64_t hash;
};

#endif
