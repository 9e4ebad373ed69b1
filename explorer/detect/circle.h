/*
 * Circles of record locks. The kernel refuses the lock that would close one (EDEADLK, fcntl(2)): the program is told and
 * may give way, so that this is no deadlock and no bug by itself. Where the program fails then, the finding says who
 * waited for whom.
 */
#ifndef RACE_EXPLORER_CIRCLE_H
#define RACE_EXPLORER_CIRCLE_H

#include "../finding.h"

/* Adds to what a failure says, if a lock was refused so before it. -1: memory is short. */
int circle_tell(const struct trace *trace, struct finding *finding);

#endif
