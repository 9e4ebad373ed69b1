/*
 * Restored executions, checked against fresh ones: the same plan must give the same trace. One in so many is run again in
 * a process of its own, and so are the first that fail, before anybody believes them. What differs ends restoring.
 */
#ifndef RACE_EXPLORER_RECHECK_H
#define RACE_EXPLORER_RECHECK_H

#include <stdbool.h>
#include <stdint.h>

#include "shared/control.h"

struct recheck {
	uint32_t nrestored; /* of the control block, before the execution */
	uint64_t seen;      /* restored executions so far */
	uint32_t nfailed;   /* rechecked because they failed */
};

/* An execution is about to begin. */
void recheck_begin(struct recheck *recheck, const struct control *control);

/* It has ended as one that was restored. */
bool recheck_was_restored(const struct recheck *recheck, const struct control *control);

/* A restored one has ended: is it to be run again in a fresh process? */
bool recheck_is_due(struct recheck *recheck, const struct result *result);

/* Both results of one plan. False: they differ, and no execution is restored from now on. */
bool recheck_compare(struct control *control, const struct result *restored, const struct result *fresh);

#endif
