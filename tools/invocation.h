/*
 * What the user asked for: one subcommand's options, operands and command, after race.ini, environment and flags.
 *
 * All texts live in the pool or in argv. Options that a subcommand has no row for keep their defaults.
 */
#ifndef RACE_TOOLS_INVOCATION_H
#define RACE_TOOLS_INVOCATION_H

#include <stdbool.h>
#include <stdint.h>

#include "pool.h"

struct command;

#define STOP_AT_LAST UINT64_MAX

struct text_list {
	const char **items; /* NULL-ended once there is one */
	uint32_t n;
};

struct invocation {
	const struct command *command;
	struct pool *pool;
	const char *program;     /* argv[0] of race */
	char *const *target;     /* NULL-ended COMMAND, NULL: none given */
	struct text_list operands;
	bool help;

	/* the search */
	const char *strategy, *chooser;
	int bound;               /* preemptions, or BOUND_NONE, BOUND_DEFAULT */
	bool delays;
	uint64_t depth, seed, faults, max_executions, budget_ms, timeout_ms, jobs;
	bool keep_going;
	const char *resume;

	/* what is judged */
	const char *oracle;      /* serial, check, none */
	const char *check;
	struct text_list ignore;
	bool reads;

	/* how executions run */
	const char *carrier, *reuse, *memory;
	bool real_databases;
	struct text_list db, allow_net, with;
	bool db_force, keep_state, mark;

	/* results */
	const char *output;      /* folder for schedules */
	const char *record;      /* file for the one schedule that run and minimize write */
	const char *schedules;   /* folder that gate replays */
	const char *json, *html, *sarif, *junit;
	const char *format;
	bool show_output, literals, no_minimize, quiet;
	uint64_t exit_code;      /* what ends with EXIT_FINDINGS ends with this */

	/* replay */
	uint64_t repeat;
	bool best_effort;
	bool gdb;                /* under gdb */
	uint64_t stop_at;        /* the line to stop before, STOP_AT_LAST: the last; 0: before the program begins */
	struct text_list gdb_command;
};

/* Defaults. The pool belongs to the invocation from then on. */
void invocation_init(struct invocation *invocation, const struct command *command, const char *program);
void invocation_fini(struct invocation *invocation);

/* Appends; keeps the list NULL-ended. */
void invocation_append(struct invocation *invocation, struct text_list *list, const char *text);

/* The exit code to end with: EXIT_FINDINGS becomes --exit-code's. */
int invocation_exit(const struct invocation *invocation, int code);

#endif
