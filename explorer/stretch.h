/*
 * Stretches: a trace cut into pieces that a schedule or a plan says in one line each.
 *
 * A piece is a run of neighbouring steps by one task, a time-out that was chosen although others could go, or a value
 * that was chosen against what is normal. Pieces are in the order of the trace and cover all its steps.
 */
#ifndef RACE_EXPLORER_STRETCH_H
#define RACE_EXPLORER_STRETCH_H

#include <stdbool.h>

#include "trace_read.h"

enum stretch_kind { STRETCH_RUN, STRETCH_TIMEOUT, STRETCH_VALUE };

struct stretch {
	uint8_t kind;
	uint16_t task;
	uint32_t begin, end; /* steps; a value that is chosen within the step of another piece has none */
	uint32_t value;      /* index into value_choices */
	bool preempted;      /* the task could have gone on at its end */
	bool resumes;        /* the task was preempted the last time it went */
	bool first;          /* the chooser `first` would have made all its steps too */
};

struct stretch_list {
	struct stretch *items;
	uint32_t n, capacity;
};

/* Fills in an empty list. -1: memory is short. */
int stretch_list_fill(struct stretch_list *list, const struct trace *trace);
void stretch_list_free(struct stretch_list *list);

/* How many pieces there are up to the last that the chooser `first` would not have made by itself. */
uint32_t stretch_list_chosen(const struct stretch_list *list);

/*
 * How many a schedule speaks of: those, since the chooser goes on after the last line, and besides what became right
 * then of those who were preempted. Main's part in that is bookkeeping.
 */
uint32_t stretch_list_said(const struct stretch_list *list);

#endif
