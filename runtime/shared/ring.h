/*
 * What an observed run did: a ring of events for each task, written without a lock by the task alone, in a block of
 * memory that the target shares with the race that watches it.
 *
 * The block begins with struct control (statements, texts and modules are its tables, `world` stays empty); struct
 * rings follows on the next page, then the events, LIMIT_RING_EVENTS for each task. Its pages cost nothing until
 * touched, and it outlives its writers however they end.
 *
 * Nothing is decided here: an event says which operation was made, when, on what address, from where, and what came of
 * it. What waits for others is stamped after the call that waited, what others wait for before the call that lets them
 * go, so that the order of stamps is one in which things can have happened.
 */
#ifndef RACE_SHARED_RING_H
#define RACE_SHARED_RING_H

#include <stdint.h>

#include "control.h"

enum {
	RING_EVENTS = 32768, /* the latest of a task are kept */
	RING_OPTIONS_BYTES = 1024,
};

/* More of what an event is about. Kinds other than OPERATION are no operations: `op` is OP_NONE. */
enum ring_kind {
	RING_OPERATION,
	RING_ACQUIRED,    /* the wait that the last operation of this kind and object began is over */
	RING_ROW,         /* object: database, second: statement, argument: row, result: change; site: table */
	RING_TRANSACTION, /* object: database, second: connection, argument: statement; result: enum ring_transaction */
	RING_UNIT,        /* argument: text of its name; result: 1 begins, 0 ends */
	RING_EFFECT,      /* argument, second: texts of name and key */
	RING_FAIL,        /* argument: text of the message, second: of the file; result: line | what << 24 */
	RING_LABEL,       /* argument: text */
};

/* A transaction as an event carries it: state, how it ended, autocommit, an error or rows changed. */
enum ring_transaction {
	RING_STATE = 3,
	RING_COMMITTED = 4,
	RING_ROLLED_BACK = 8,
	RING_AUTOCOMMIT = 16,
	RING_FAILED = 32,
	RING_CHANGES_SHIFT = 6, /* how many rows, as far as that fits */
};

struct ring_event {
	uint64_t time;     /* 0: not written */
	uint64_t object;   /* address in the process, or a key where processes share it */
	uint64_t second;
	uint64_t site;
	uint64_t argument; /* of locks: the mark in the lock's own bytes, see observe.h */
	int32_t result;    /* of statements that write: a hash of them with their parameters, 0: unknown */
	uint16_t op;
	uint8_t kind;      /* enum ring_kind */
	uint8_t reserved;
};

/* What a task has begun and not finished; `op` is OP_NONE when there is nothing. */
struct ring_pending {
	uint64_t object, second, site, argument;
	uint64_t op;
};

/* A task, from birth to death. Index 0 is unused. */
struct ring {
	uint64_t count;    /* of events ever written */
	uint64_t born;     /* stamps; 0: not yet */
	uint64_t joined;
	uint64_t start;    /* start routine */
	uint64_t handle;   /* pthread_t, 0: none that can be joined */
	uint32_t name;     /* text of the start routine's or the program's name */
	int32_t tid;
	uint16_t parent, process, joiner, reserved;
	struct ring_pending pending;
};

struct ring_process {
	int32_t pid;
	uint16_t task;     /* its first */
	uint16_t reserved;
	uint64_t reaped;   /* stamp; 0: not waited for */
	uint16_t reaper;
	uint16_t padding[3];
};

struct rings {
	uint32_t lock;     /* of the tables of the control block; 0: free */
	uint32_t ntasks, nprocesses; /* highest index in use */
	uint32_t nrefused; /* tasks and processes that found no room */
	uint32_t finished; /* 1: the main process has come to its end and waits for what is found */
	int32_t status;    /* what it ends with then */
	uint32_t ntexts_lost; /* texts, statements and modules that found no room */
	uint32_t reserved;
	struct ring_process processes[LIMIT_PROCESSES];
	struct ring rings[LIMIT_TASKS];
};

static inline uint64_t ring_head_offset(void)
{
	return (sizeof(struct control) + 4095) / 4096 * 4096;
}

static inline uint64_t ring_events_offset(uint32_t task)
{
	uint64_t head = ring_head_offset() + (sizeof(struct rings) + 4095) / 4096 * 4096;

	return head + (uint64_t)task * RING_EVENTS * sizeof(struct ring_event);
}

static inline uint64_t ring_block_bytes(void)
{
	return ring_events_offset(LIMIT_TASKS);
}

#endif
