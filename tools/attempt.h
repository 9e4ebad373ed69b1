/*
 * One schedule replayed from the command line, once or many times: what replay, minimize and gate share.
 */
#ifndef RACE_TOOLS_ATTEMPT_H
#define RACE_TOOLS_ATTEMPT_H

#include "explorer/replay.h"
#include "invocation.h"
#include "report/document.h"
#include "symbolise.h"

struct attempt {
	struct schedule *schedule;
	const char *path;
	char *const *command;      /* of the invocation, else the schedule's */
	struct replay *replay;
	struct symbolise *symbolise;
	struct debugger_options debugger;
	struct replay_result first; /* the first replay, rich and judged */
	uint64_t nidentical, nfollowed, ndiverged, nfound;
	char reason[512];          /* of the first divergence, or why nothing could be run */
};

/*
 * Reads the schedule and starts its command, that of the invocation or the schedule's own. With `pass` the target's
 * output goes where ours goes. Returns EXIT_CLEAN, or the exit code to end with after a sentence on stderr.
 * attempt_close must be called in any case.
 */
int attempt_open(struct attempt *attempt, struct invocation *invocation, const char *path, bool pass);

/* Replays it `times`; counts. Returns as above. */
int attempt_run(struct attempt *attempt, uint64_t times);

/* The first replay's findings, and the files written, into the document. Returns how many findings there are. */
uint32_t attempt_tell(struct attempt *attempt, struct invocation *invocation, struct document *document);

/* "identical", "followed" or "diverged": what the replays came to altogether. */
const char *attempt_verdict(const struct attempt *attempt);

void attempt_close(struct attempt *attempt);

#endif
