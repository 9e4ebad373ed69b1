/*
 * A timeline: what each task did, in the order in which it happened, ready to be shown as columns side by side.
 *
 * It is made from a trace (best a rich one) and from nothing else, says everything in words, and holds no addresses:
 * so every format shows the same story, JSON carries it, and `race report` can show it again later.
 */
#ifndef RACE_TOOLS_TIMELINE_H
#define RACE_TOOLS_TIMELINE_H

#include <stdbool.h>
#include <stdint.h>

#include "../pool.h"
#include "../symbolise.h"
#include "explorer/finding.h"

/* X(identifier, word in JSON, what it stands for) */
#define ENTRY_KINDS(X) \
	X(STATEMENT, "statement", "a database statement") \
	X(OPERATION, "operation", "anything else a task did") \
	X(BLOCKED, "blocked", "what a task was about to do when the execution ended") \
	X(EFFECT, "effect", "something left the program") \
	X(FAILURE, "failure", "an assertion, a check, an abort, a fatal signal") \
	X(LABEL, "label", "a remark of the program") \
	X(PREEMPTION, "preemption", "the turn is taken from this task though it could go on") \
	X(GAP, "gap", "operations left out")

enum entry_kind {
#define X(identifier, word, meaning) ENTRY_##identifier,
	ENTRY_KINDS(X)
#undef X
	ENTRY_KIND_COUNT
};

struct timeline_entry {
	enum entry_kind kind;
	uint32_t column;
	uint32_t step;         /* of the execution, from 0 */
	const char *text;      /* "UPDATE orders SET status = ?", "locks accounts" */
	const char **details;  /* what came of it: "changes 1 row of orders" */
	uint32_t ndetails;
	const char *function;  /* NULL: unknown */
	const char *file;      /* relative to the current folder where it is inside, NULL: unknown */
	uint32_t line;
};

struct timeline {
	uint32_t ncolumns;
	const char **columns;  /* names of tasks */
	uint32_t nentries;
	struct timeline_entry *entries;
	uint32_t nomitted;     /* operations that were left out as too many */
};

struct timeline_options {
	bool literals;         /* show values of parameters and rows */
	uint32_t most_entries; /* 0: all; otherwise those far from switches are left out */
	uint32_t most_columns; /* 0: all tasks */
};

/* Everything in it belongs to the pool. `finding` says which tasks matter most and may be NULL; so may symbolise. */
struct timeline *timeline_build(struct pool *pool, const struct trace *trace, const struct finding *finding,
	struct symbolise *symbolise, const struct timeline_options *options);

/*
 * Leaves out entries until at most `most` remain (0: all do), those first that are far from preemptions, failures and
 * effects. Stretches left out become one ENTRY_GAP each, not counted in `most`.
 */
void timeline_shorten(struct timeline *timeline, struct pool *pool, uint32_t most);

/* The word of a kind in JSON, and back (ENTRY_KIND_COUNT: none). */
const char *timeline_word(enum entry_kind kind);
enum entry_kind timeline_kind(const char *word);

#endif
