/*
 * Taking plans, and forking before main so that start-up runs once: the process that race started stays just before main,
 * waits for plans, and forks one child for each; it never runs the program itself.
 */
#ifndef RACE_FORKSERVER_H
#define RACE_FORKSERVER_H

#include <stdbool.h>

#include "shared/control.h"

/*
 * Returns in the process that shall run the program, with world and slot ready for task_start: in a child, once for each
 * plan. The server itself leaves the process when race says so.
 */
void forkserver_serve(void);

/* The same in this very process, once: there will be another for the next plan. */
void forkserver_once(void);

/* The parts of that, for a process that runs more than one execution: */

/* Waits for the plan that comes next; ends the process when there will be none. */
struct slot *forkserver_await(void);

/* The world of that plan, empty. */
void forkserver_open(struct slot *slot);

/* A plan that has been claimed is for somebody else. */
void forkserver_put_back(struct slot *slot);

/*
 * Has the fork server run this plan in a process of its own, while the calling one waits. False: it can't; the plan is
 * still the caller's.
 */
bool forkserver_pass(const struct slot *slot);

/* The execution has ended; status as wait() gives it. */
void forkserver_finish(int status);

#endif
