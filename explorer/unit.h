/*
 * The units of an execution: pieces of work that should each be atomic, derived from its trace.
 *
 * Units are what race.h marked, if anything was; otherwise the HTTP requests to a server that is one of the tasks, if one
 * of them touches a database or has an effect (then the clients are harness); otherwise the child processes, if one of them touches a database or
 * has an effect; otherwise the threads beside the main one. A task that a unit creates belongs to it. The rest is the
 * harness: it sets the stage, starts the units and looks at the result. Where a single child does all the work with
 * children of its own (a shell that runs a test program, a main that starts a server), it is taken for the harness
 * and its children are looked at.
 *
 * A unit's footprint are its database statements, row changes and effects; a unit that has none touches nothing.
 */
#ifndef RACE_EXPLORER_UNIT_H
#define RACE_EXPLORER_UNIT_H

#include "trace_read.h"
#include "work.h"

enum unit_kind { UNIT_MARKED, UNIT_PROCESS, UNIT_THREAD, UNIT_REQUEST };

struct unit {
	const char *name;   /* the trace's */
	uint64_t identity;  /* the same in every execution */
	enum unit_kind kind;
	uint16_t task;      /* its first task */
	bool touches;
	bool has_result;    /* threads and processes that ended, requests that were answered */
	int64_t result;     /* of a request: made of status and body */
	uint32_t nsteps;
	uint32_t first_step, last_step; /* when nsteps > 0 */
	uint32_t begin_step, end_step;  /* of marked units: its stretch of `task`; of requests: sent, answered */
};

struct unit_list {
	uint32_t n;
	struct unit *items;    /* in order of their first tasks' or marks' appearance */
	uint32_t *of_step;     /* [nsteps]: index + 1 of the unit a step belongs to, 0: the harness's */
	uint32_t *of_task;     /* [ntasks + 1]: of the unit a task belongs to when it is in no marked stretch */
	struct work work;      /* who works for which request; of use when `requests` */
	bool requests;         /* the units are requests: index i is that of the trace */
	const struct trace *trace; /* borrowed */
};

/* NULL when memory is short. */
struct unit_list *unit_list_open(const struct trace *trace);

/*
 * The same of what was observed. No other order of units is tried there, so that tasks can count by themselves: without
 * marks all are units that touch something, but for the first and those that all others descend from (a main thread
 * that starts one which accepts requests, which starts one for each).
 */
struct unit_list *unit_list_open_observed(const struct trace *trace);

/* Index + 1 of the unit that a task works for at a step, 0: the harness. */
uint32_t unit_of(const struct unit_list *list, uint32_t task, uint32_t step);

/* The unit with this identity, or NULL. */
const struct unit *unit_find(const struct unit_list *list, uint64_t identity);

/* Does the step touch a database or have an effect, whoever made it? */
bool unit_step_touches(const struct trace *trace, uint32_t step);

/* How many units touch something. */
uint32_t unit_ntouching(const struct unit_list *list);

/* Pairs of units that overlapped in time; a unit that never ended lasts to the end of the execution. */
uint32_t unit_noverlapping(const struct unit_list *list);

/* The first step of any unit; nsteps when there is none. */
uint32_t unit_first_step(const struct unit_list *list);

void unit_list_close(struct unit_list *list); /* NULL does nothing */

#endif
