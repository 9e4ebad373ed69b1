/*
 * Running executions: starts the target, hands it plans, watches it, collects trace and result.
 *
 * race is the subreaper of everything the target starts. An execution handle owns one control block and at most one
 * target at a time (with fork reuse: one fork server for the whole campaign). It serves deaths of turn holders and
 * lapses, kills what is left over, and leaves nothing behind when closed or when race itself is killed.
 */
#ifndef RACE_EXPLORER_EXECUTION_H
#define RACE_EXPLORER_EXECUTION_H

#include <stdbool.h>
#include <stdint.h>

#include "ahead.h"
#include "debugger.h"
#include "observation.h"
#include "schedule.h"
#include "network.h"
#include "servers.h"
#include "shared/control.h"
#include "strategy/strategy.h"
#include "target.h"
#include "trace_read.h"

struct execution_options {
	char *const *command;   /* NULL-ended; command[0] is looked up in PATH */
	const char *library;    /* path of librace.so */
	bool pass_output;       /* the target has our stdin, stdout, stderr; else output is captured */
	enum reuse reuse;       /* --reuse */
	enum carrier_id carrier; /* --carrier; a program that fibers can't carry is run on threads */
	struct servers_options servers; /* --db */
	struct network_options network; /* --allow-net */
	bool real_databases;    /* databases are not redirected */
	uint64_t timeout_ms;    /* what an execution may use before HANG, see watch.h; 0: default */
	uint64_t output_bytes;  /* how much of the target's output is kept, 0: default */
	const volatile int *stop; /* non-zero: a running execution is given up; may be NULL */
	bool (*over)(void *state); /* asked often while an execution runs; true: it is given up; may be NULL */
	void *over_state;
	const struct debugger_options *debugger; /* executions with a follower run under gdb; NULL: not. Needs exec_only */
	bool stacks;            /* targets have an unwinder from the start, as those had that schedules come from (unwinder.h) */
	bool log;               /* print what the runtime logged to stderr after each execution: RACE_LOG */
};

struct execution;

/* Why it can't be run is in `reason`, the exit code to end with in *exit_code. Returns NULL then. */
struct execution *execution_open(const struct execution_options *options, char *reason, size_t reason_bytes,
	int *exit_code);

/*
 * Runs one plan to its end. On success *trace is a new trace (owned by the caller) and 0 is returned. -1: the target
 * could not be run; reason as above; *exit_code is EXIT_CLEAN when that is because of options.stop or over. With a
 * follower the plan is run with PLAN_ASK.
 */
int execution_run(struct execution *execution, const struct plan_draft *draft, struct follower *follower,
	struct trace **trace, char *reason, size_t reason_bytes, int *exit_code);

/* Who says which plans come next, so that they may run ahead; NULL: nobody. Results are the same with and without. */
void execution_foresee(struct execution *execution, const struct outlook *outlook);

/* Images of all databases that the last execution worked on. -1 and a sentence when one can't be read. */
int execution_observe(struct execution *execution, const struct trace *trace, struct observation *out, char *reason,
	size_t reason_bytes);

/* Output of the last execution: up to output_bytes of stdout+stderr, NUL-terminated, owned by the execution. */
const char *execution_output(struct execution *execution, size_t *nbytes, bool *truncated);

/* The trace's records as the target wrote them, result.trace_bytes of the last execution's; until the next is run. */
const void *execution_records(const struct execution *execution);

/* The program that is run. */
const struct target *execution_target(const struct execution *execution);

/* The live control block: for symbols and followers. */
struct control *execution_control(struct execution *execution);

/* What was used, for the result: "fiber", "fork". */
const char *execution_carrier(const struct execution *execution);
const char *execution_reuse(const struct execution *execution);

/* Executions that went on from a checkpoint inside an earlier one. */
uint64_t execution_resumed(const struct execution *execution);

/* Why that is not what was asked for, or not in all executions; false: it is. */
bool execution_fallback(const struct execution *execution, char *reason, size_t nbytes);

/* Kills and reaps everything, removes the campaign's folder. NULL does nothing. */
void execution_close(struct execution *execution);

#endif
