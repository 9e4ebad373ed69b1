/*
 * A campaign: many executions of one command under one strategy, judged, with budgets, counted honestly.
 */
#ifndef RACE_EXPLORER_CAMPAIGN_H
#define RACE_EXPLORER_CAMPAIGN_H

#include <stdbool.h>
#include <stdint.h>

#include "execution.h"
#include "finding.h"
#include "oracle.h"
#include "strategy/strategy.h"

#define CAMPAIGN_CLOCK_START_NS 1700000000000000000ULL /* CLOCK_REALTIME of executions whose plan does not say */

struct campaign_progress;

struct campaign_options {
	struct execution_options execution;
	const struct strategy *strategy;
	struct strategy_options strategy_options;
	struct oracle_options oracle;
	const char *check;        /* --check CMD, NULL: none; run after each execution by a shell in our folder */
	uint64_t max_executions;  /* 0: no limit */
	uint32_t faults;          /* at most so many in one exploring execution */
	uint64_t budget_ms;       /* of this session, also of a single execution; 0: no limit */
	bool keep_going;
	const char *resume;       /* file that keeps the state of the search, to go on from: journal.h; NULL: none */
	/* Called about four times a second and after each execution; non-zero ends the campaign, and the execution that is
	 * under way. May be NULL. */
	int (*progress)(void *state, const struct campaign_progress *progress);
	void *progress_state;
	/* Sees each exploring execution's output and trace; may be NULL. Not called for those answered from `resume`. */
	void (*observed)(void *state, uint64_t number, const struct trace *trace, struct execution *execution);
	/* A sentence that should be said at once; it is in the result's remarks, too. May be NULL. */
	void (*warned)(void *state, const char *sentence);
};

struct campaign_progress {
	uint64_t executions, references, distinct_traces;
	double seconds, executions_per_second;
	uint32_t findings;
	double budget_left;   /* 0..1, negative: no budget */
	double fraction_left; /* of the tree, negative: unknown */
	const char *phase;    /* "reference", "resuming", "exploring", "confirming", "minimizing" */
};

enum verdict { VERDICT_CLEAN, VERDICT_FINDINGS, VERDICT_COMMAND_FAILS, VERDICT_UNCONTROLLED, VERDICT_INTERNAL };

struct campaign_uncontrolled {
	uint32_t reason; /* enum uncontrolled */
	char *where;
	uint64_t count;  /* of exploring and reference executions in which it happened */
};

struct campaign_result {
	enum verdict verdict;
	int exit_code;
	char reason[512];          /* why, for COMMAND_FAILS, UNCONTROLLED, INTERNAL */
	/* executions: exploring ones, those of earlier sessions included; distinct_traces: among these */
	uint64_t executions, reference_executions, confirming_executions, distinct_traces;
	uint64_t trace_digest; /* of the hashes of all their traces, in order */
	double seconds, executions_per_second; /* sessions before this one included */
	struct exhaustion exhaustion;
	bool budget_used, executions_used, interrupted;
	struct oracle_summary units; /* its strings are the campaign's */
	struct finding_list findings;
	uint32_t nremarks, nuncontrolled;
	char **remarks;              /* beside those of `units` */
	struct campaign_uncontrolled *uncontrolled;
	const char *strategy, *carrier, *reuse;
	uint64_t resumed;   /* executions, of all kinds, that went on from a checkpoint inside an earlier one */
	char fallback[256]; /* why these two are not what was asked for; "": they are */
	uint64_t seed;
	char *output;              /* of the failing execution, NULL: none */
};

/* Runs it. -1 when memory is short; everything else is in the result. The execution stays open for rich replays and
 * minimizing until campaign_close. */
struct campaign;
struct campaign *campaign_open(const struct campaign_options *options, struct campaign_result *result);
int campaign_run(struct campaign *campaign, struct campaign_result *result);

/* Names for fingerprints and sites; to be given between open and run. Borrowed. */
void campaign_use_symbols(struct campaign *campaign, const struct symbols *symbols);

/* Runs the finding's plan again with PLAN_RICH and puts the rich trace into the finding. -1: in several tries it has not
 * failed in the same way; then the finding is as it was. */
int campaign_enrich(struct campaign *campaign, struct finding *finding);

/* Shrinks the finding's prefix to the fewest preemptions, then the fewest lines, as long as the same fingerprint is
 * found; replaces finding->prefix, unless what was found then does not fail again. */
int campaign_minimize(struct campaign *campaign, struct finding *finding, uint64_t max_executions);

struct execution *campaign_execution(struct campaign *campaign);
void campaign_close(struct campaign *campaign, struct campaign_result *result);

#endif
