/*
 * The serial-outcome oracle: is the outcome of an execution one that running its units one after another could have
 * given? Needs no assertion. See README.md of this folder for what a unit is and when one counts as refused.
 *
 * It asks for reference executions (chooser SERIAL) by plans of its own and compares: database digests with volatile
 * columns masked and surrogate keys renamed, the multiset of effects, exit status.
 */
#ifndef RACE_EXPLORER_ORACLE_H
#define RACE_EXPLORER_ORACLE_H

#include "finding.h"
#include "observation.h"
#include "strategy/strategy.h"

struct oracle_options {
	uint64_t seed;
	bool serial;                /* --oracle serial; false: judge nothing */
	bool reads;                 /* --reads: read skew fails */
	const char *const *ignores; /* table or table.column, NULL-ended, may be NULL */
};

enum oracle_verdict {
	ORACLE_LEGAL,
	ORACLE_UNKNOWN,  /* more references are wanted first: run oracle_next's plans, then judge again */
	ORACLE_ILLEGAL,  /* *finding is filled in; the caller confirms it under other seeds */
	ORACLE_SUSPECT,  /* illegal as far as known, but not all serial orders could be completed */
	ORACLE_COUPLED,  /* not judged: units wait for each other */
};

struct oracle;

struct oracle *oracle_open(const struct oracle_options *options);

/* Is a reference execution wanted? Fills the draft (STRATEGY_READY), else STRATEGY_DONE. */
enum strategy_next oracle_next(struct oracle *oracle, struct plan_draft *draft);

/* The outcome of a reference execution, in the order they were asked for. Borrows everything. */
void oracle_learn(struct oracle *oracle, const struct observation *observation);

/* Judges an execution. `finding` may be NULL when only the verdict is wanted (confirmation). Counts nothing. */
enum oracle_verdict oracle_judge(struct oracle *oracle, const struct observation *observation,
	struct finding **finding);

/*
 * Counts an exploring execution: its units, how many overlapped, whether its verdict was SUSPECT. Also for those that
 * are not judged because a detector found something, or because they were judged in an earlier session. A cheap look
 * at the trace.
 */
void oracle_note(struct oracle *oracle, const struct trace *trace, enum oracle_verdict verdict);

/* Can't oracle_note learn anything from an execution with this result, whatever its trace is? */
bool oracle_is_told(const struct oracle *oracle, const struct result *result);

/* For the result: units seen, pairs of units that overlapped in time, reference executions, refused units' names,
 * sentences like "not judged: A and B wait for each other". Strings live as long as the oracle. */
struct oracle_summary {
	uint32_t units, overlapping_pairs, references, refused, suspects, nremarks;
	const char *const *remarks; /* NULL-ended */
};
void oracle_summary(const struct oracle *oracle, struct oracle_summary *out);

void oracle_close(struct oracle *oracle);

#endif
