/*
 * What the files of an execution share: execution.c (one plan, from start to end), execution_ahead.c (plans that have
 * run before they were asked for).
 */
#ifndef RACE_EXPLORER_EXECUTION_PRIVATE_H
#define RACE_EXPLORER_EXECUTION_PRIVATE_H

#include "ahead.h"
#include "block.h"
#include "execution.h"
#include "guardian.h"
#include "output.h"
#include "recheck.h"
#include "watch.h"

struct execution {
	struct execution_options options;
	struct target target;
	struct block block;
	struct servers *servers;
	struct guardian guardian;
	char folder[256];
	char *library;
	pid_t process;       /* the fork server, or with exec reuse the main process; 0: none */
	int status;          /* of `process` once it has been reaped */
	bool ended;
	struct output output;
	struct watch watch;
	struct debug_session session;
	uint32_t slot;       /* of the last execution */
	bool marked;         /* the last plan had PLAN_MARK */
	bool stopped;        /* the last execution was given up */
	bool exec_reuse;
	struct recheck recheck;
	struct ahead ahead;
	uint32_t taken;      /* the slot of `ahead` whose answer is being looked at, AHEAD_NONE */
	const struct outlook *outlook; /* NULL: nobody says what comes next */
};

/* Until the slot is done; false: the target is gone, or it is to be given up. */
bool execution_wait(struct execution *execution, struct slot *slot, struct follower *follower);

/* The slot's trace; NULL: *reason says why it is none. */
struct trace *execution_collect(struct execution *execution, const struct slot *slot, const char **reason);

/* Everything that was started dies. */
void execution_stop(struct execution *execution);

/* The answer to a plan that has run ahead. False: it has to be run alone. */
bool execution_take_ahead(struct execution *execution, const struct plan_draft *draft, struct trace **trace);

/* The plan has just been run alone: others go ahead, if it was such that they may. */
void execution_go_ahead(struct execution *execution, const struct plan_draft *draft);

/* Returns when nothing runs ahead any more. */
void execution_quieten(struct execution *execution);

#endif
