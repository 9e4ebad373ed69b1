/*
 * A plan: all that decides one execution. The same plan gives the same trace, on every carrier and reuse.
 *
 * The explorer writes plans, the target reads them. Plans are numbered in the order they are handed out; the answer
 * carries the number, and answers may come in any order.
 */
#ifndef RACE_SHARED_PLAN_H
#define RACE_SHARED_PLAN_H

#include <stdint.h>

#include "choice.h"
#include "limits.h"

/* Choosers: what decides where the prefix ends. X(identifier, name) */
#define CHOOSERS(X) \
	X(FIRST, "first") \
	X(SERIAL, "serial") \
	X(RANDOM, "random") \
	X(PCT, "pct") \
	X(POS, "pos")

enum chooser_id {
#define X(identifier, name) CHOOSER_##identifier,
	CHOOSERS(X)
#undef X
	CHOOSER_COUNT
};

enum plan_flag {
	PLAN_RICH = 1,   /* record stacks, values and rows: the run a report is made from */
	PLAN_ASK = 2,    /* every choice with alternatives is put to the explorer (replay of a text schedule) */
	PLAN_STRICT = 4, /* a directive that cannot be met ends the execution as diverged; otherwise it is skipped */
	PLAN_FRESH = 16, /* in a process that has run no other */
	PLAN_CALM = 32,  /* nobody is preempted before some task listens; prefix and chooser begin there */
	PLAN_REORDER = 64, /* servers' tables that are there at the beginning are read in another order than else */
	PLAN_REORDER_NEW = 128, /* so are those that are there when a task first touches a database */
	PLAN_TIMELESS = 256, /* with PLAN_ASK: where nobody can go the explorer says whose time-out comes, not the clock */
	PLAN_MARK = 8,   /* copy the databases before unit order[mark] first touches one, or has an effect */
};

struct plan {
	uint64_t number;
	uint64_t seed;           /* of the randomness the program asks for */
	uint64_t choices;        /* of choosers; 0: `seed` */
	uint64_t clock_start_ns; /* CLOCK_REALTIME at the first read */
	uint16_t chooser;        /* enum chooser_id */
	uint16_t flags;          /* enum plan_flag */
	uint32_t nprefix;        /* directives in the slot's prefix area */
	uint32_t max_steps;      /* at most LIMIT_STEPS; reached: OUTCOME_LIMIT or OUTCOME_LIVELOCK */
	uint32_t depth;          /* pct: number of priority changes + 1 */
	uint32_t length;         /* pct: expected number of steps, those before some task listens aside with PLAN_CALM */
	/* serial: units (by unit ordinal, in order of their first appearance when run in creation order: the stable
	 * identities of their tasks, see world.h task.identity) in the order in which they are to run */
	uint32_t norder;
	uint32_t mark;           /* PLAN_MARK: index into order */
	uint32_t faults;         /* at most so many (CHOICE_FAULT) */
	uint32_t reserved;
	uint64_t order[LIMIT_UNITS];
};

#endif
