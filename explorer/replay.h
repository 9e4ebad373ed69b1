/*
 * Replaying a schedule: follows it, says how well that went, and judges what happened as a campaign would.
 *
 * The references that the oracle needs are run in a target of their own whose output is captured, so that only the
 * replayed execution is seen.
 */
#ifndef RACE_EXPLORER_REPLAY_H
#define RACE_EXPLORER_REPLAY_H

#include <stdbool.h>
#include <stdint.h>

#include "execution.h"
#include "finding.h"
#include "oracle.h"
#include "schedule.h"

struct replay_options {
	struct execution_options execution;
	const struct schedule *schedule; /* borrowed until replay_close */
	struct oracle_options oracle;
	const char *check;               /* --check CMD, NULL: none */
	uint64_t seed;                   /* that the schedule was found with */
	bool best_effort;                /* lines that can't be met are passed over */
};

enum replay_verdict {
	REPLAY_IDENTICAL, /* the same trace as the schedule's; without a trace line: as the first replay's */
	REPLAY_FOLLOWED,  /* every line was met, the trace differs */
	REPLAY_DIVERGED,  /* a line could not be met: see reason */
};

struct replay_result {
	enum replay_verdict verdict;
	char reason[512];
	struct trace *trace;
	bool found;                   /* the failure occurred */
	struct finding_list findings; /* they have no traces of their own: `trace` is theirs */
};

struct replay;

/* NULL: can't be run; as execution_open. */
struct replay *replay_open(const struct replay_options *options, char *reason, size_t reason_bytes, int *exit_code);

/* Its control block, for symbols; and the symbols that the follower is to use (may be NULL). */
struct control *replay_control(struct replay *replay);
void replay_use_symbols(struct replay *replay, const struct symbols *symbols);

/*
 * Replays once. 0: the result is filled in (clear it before reuse); -1 when it could not be run, as execution_run.
 * With `rich` stacks and values are recorded. Equal traces come to equal ends, so an execution with the trace of the
 * one judged last is not judged again: `found` is repeated then, and findings is empty.
 */
int replay_run(struct replay *replay, bool rich, struct replay_result *result, char *reason,
	size_t reason_bytes, int *exit_code);

/* Output of the last replay when it is captured. */
const char *replay_output(struct replay *replay);

void replay_result_clear(struct replay_result *result);
void replay_close(struct replay *replay);

#endif
