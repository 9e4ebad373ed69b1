/*
 * An action: what a task is about to do, in the words of a schedule line. One view on announcements for both who
 * write schedules (from a trace) and who follow them (in the world of a stopped target), so that they agree.
 *
 * Objects are called by the name of their variable where there is one, tasks by their name, processes by that of their
 * first task, all others by kind and number in order of first use within the kind ("mutex#1"). A line may say either.
 * Statements are called by their text, so their database isn't named besides. Objects without a name stay unsaid where
 * a run was observed: it began in the middle, with other numbers than under control.
 */
#ifndef RACE_EXPLORER_ACTION_H
#define RACE_EXPLORER_ACTION_H

#include <stdbool.h>

#include "schedule.h"
#include "shared/control.h"
#include "symbols.h"
#include "trace_read.h"

/* Borrows everything. Exactly one of trace and control is not NULL. */
struct action {
	const struct request *request;
	uint16_t task, process;
	const struct trace *trace;
	const struct control *control;
	const struct symbols *symbols;
};

/* An announcement of a trace; index < trace->nannounces. */
struct action action_of_announce(const struct trace *trace, const struct symbols *symbols, uint32_t announce);

/* What a task of the live world has announced; task < LIMIT_TASKS. */
struct action action_of_task(const struct control *control, const struct symbols *symbols, uint32_t task);

/* The same about another object than the task's operation names, 0: about that. Keeps a copy of the request. */
struct action_about {
	struct request request;
	struct action action;
};
void action_about(struct action_about *about, const struct action *action, uint32_t object);

/* Fills in op, object, text, text_hash and function of a line that has none yet. -1: memory is short. */
int action_describe(const struct action *action, struct schedule_line *line);

/* Is it what the line says? What the line leaves open fits everything, and any function does without symbols. */
bool action_matches(const struct action *action, const struct schedule_line *line);

#endif
