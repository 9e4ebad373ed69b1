/*
 * A simulator: runs toy programs over world, turn and models as the target would, and writes the genuine trace, so
 * that strategies, detectors and oracles can be tested without a process.
 *
 * A program is a few tasks, each a fixed list of operations on numbered objects. Task 1 is main and starts by itself,
 * the others when CREATE names them; each exits after its last operation. An operation that fails may jump, which is
 * all the control flow there is. What the program computes, the test computes, in `performed`.
 *
 *	static const struct simulator_op main_ops[] = {{.op = OP_CREATE, .object = 2}, {.op = OP_JOIN, .object = 2}};
 *	static const struct simulator_op worker_ops[] = {{.op = OP_MUTEX_LOCK, .object = 1},
 *		{.op = OP_MUTEX_UNLOCK, .object = 1}};
 *	static const struct simulator_task tasks[] = {SIMULATOR_TASK("main", main_ops),
 *		SIMULATOR_TASK("worker", worker_ops)};
 *	static const struct simulator_object objects[] = {{.kind = OBJECT_MUTEX}};
 *	static const struct simulator_program program = SIMULATOR_PROGRAM(tasks, objects);
 *
 * COND_WAIT, COND_TIMEDWAIT and BARRIER_WAIT announce their second half by themselves; ONCE_BEGIN jumps behind its
 * ONCE_END where the routine has run. Identities, names and hashes are made as the target makes them.
 */
#ifndef RACE_TESTS_SIMULATOR_H
#define RACE_TESTS_SIMULATOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shared/control.h"
#include "shared/plan.h"
#include "shared/turn.h"

struct simulator_op {
	uint16_t op;        /* enum op */
	uint16_t flags;     /* enum request_flag; TIMED with timeout_ns */
	uint16_t object;    /* of tasks: the task's number from 1, else the object's from 1; 0 none */
	uint16_t second;    /* an object */
	uint16_t statement; /* index as in the control block */
	int16_t on_failure; /* when the result is not 0: 0 goes on, 1 skips one, -1 repeats it, -2 the one before */
	uint64_t argument;
	uint64_t timeout_ns; /* from the announcement */
	const char *text;    /* name of units and effects, text of labels */
	const char *key;     /* of effects */
};

struct simulator_task {
	const char *name;
	const struct simulator_op *ops;
	uint32_t nops;
};

struct simulator_object {
	uint16_t kind, flags;
	uint32_t count, limit;
	uint64_t version;
};

struct simulator_program {
	const struct simulator_task *tasks;
	uint32_t ntasks;
	const struct simulator_object *objects;
	uint32_t nobjects;
	const struct statement *statements; /* by index, [0] unused; NULL: none. Their hashes enter the trace's */
	/*
	 * Called when an operation has been performed, with the task's number; what it returns replaces the result.
	 * May be NULL.
	 */
	int64_t (*performed)(void *context, uint32_t task, const struct simulator_op *op, int64_t result);
	void *context;
	/* With PLAN_ASK: answers like control.ask; false: gives up. `decision` is NULL for value choices. */
	bool (*ask)(void *ask_context, const struct world *world, const struct decision *decision, uint16_t kind,
		uint32_t n, uint32_t *answer, bool *timeout);
	void *ask_context;
};

#define SIMULATOR_TASK(name_, ops_) \
	{ \
		.name = name_, .ops = ops_, .nops = sizeof(ops_) / sizeof(ops_[0]) \
	}
#define SIMULATOR_PROGRAM(tasks_, objects_) \
	{ \
		.tasks = tasks_, .ntasks = sizeof(tasks_) / sizeof(tasks_[0]), .objects = objects_, \
		.nobjects = sizeof(objects_) / sizeof(objects_[0]) \
	}

struct simulator;

/* Aborts when memory is short, like everything here that can't go on. */
struct simulator *simulator_open(void);

/* Runs the program once. plan->nprefix directives are read from `prefix`. Returns the outcome. */
enum outcome simulator_run(struct simulator *simulator, const struct simulator_program *program,
	const struct plan *plan, const struct directive *prefix);

/* Trace and result of the last run; overwritten by the next. */
const void *simulator_trace(const struct simulator *simulator, size_t *nbytes);
const struct result *simulator_result(const struct simulator *simulator);

/* The world as the last run left it. */
const struct world *simulator_world(const struct simulator *simulator);

void simulator_close(struct simulator *simulator);

/*
 * Plain enumeration: runs the program once for every sequence of answers to its choices, time-outs included.
 * Calls `visit` (unless NULL) after each run; when that returns false, or after `max` runs, it stops. Returns the
 * number of runs; `max` is an upper bound so that a test of an endless program fails instead of hanging.
 */
uint32_t simulator_enumerate(struct simulator *simulator, const struct simulator_program *program, uint32_t max,
	bool (*visit)(void *context, const struct simulator *simulator, enum outcome outcome), void *context);

/* A plan for tests: this chooser and seed, no prefix, 10,000 steps, depth 3, length 20. */
struct plan simulator_plan(enum chooser_id chooser, uint64_t seed);

#endif
