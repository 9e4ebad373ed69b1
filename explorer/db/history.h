/*
 * The history of an execution: which unit read and wrote which tables, in which order, and the conflict graph of its
 * units (Bernstein, Hadzilacos and Goodman, 1987, chapter 2): an edge from one unit to another when an access of the
 * first conflicts with a later one of the second. Without a cycle the execution is equivalent to running the units in
 * the graph's topological order, as far as databases go.
 *
 * Accesses are to tables, as the statements' footprints say; two writes whose changed rows are known conflict only
 * when they changed a common row. A statement without a footprint reads and writes everything in its database. One
 * that failed accessed nothing, but one that a constraint refused has read; so has one that was rolled back. A statement that waits for a lock takes effect when
 * it has got it.
 */
#ifndef RACE_EXPLORER_DB_HISTORY_H
#define RACE_EXPLORER_DB_HISTORY_H

#include "../unit.h"

struct history_access {
	uint32_t step;      /* of the statement */
	uint32_t at;        /* step at which it took effect: its last wait for a lock, or `step` itself */
	uint32_t visible;   /* step at which others see what it wrote; ~0: they never do */
	uint32_t unit;      /* index into the units */
	uint16_t task;
	uint32_t database, connection; /* objects */
	uint32_t statement; /* 0: unknown */
	uint64_t table;     /* 0: any */
	const char *name;   /* of the table, "" when unknown */
	bool reads, writes;
	uint32_t first_row, nrows; /* rows it changed are in this run of the trace's, see history_row; 0: unknown */
};

struct history {
	uint32_t naccesses, nunits;
	struct history_access *accesses; /* in the order in which they took effect */
	bool *edges;                     /* [from * nunits + to] */
	bool meets;                      /* the units meet in memory, too: see meeting.h */
};

/* NULL when memory is short. Borrows names from the trace. */
struct history *history_open(const struct unit_list *units);

/* Do the two conflict (different units assumed)? */
bool history_conflict(const struct trace *trace, const struct history_access *left,
	const struct history_access *right);

/* Did a transaction of the first one's connection end at it, or later and before the second? */
bool history_ended_between(const struct trace *trace, const struct history_access *first,
	const struct history_access *second);

/*
 * Orders the units by the graph: component[i] becomes the number of the strongly connected component of unit i;
 * components are numbered topologically. Returns how many there are.
 */
uint32_t history_components(const struct history *history, uint32_t *component);

void history_close(struct history *history); /* NULL does nothing */

#endif
