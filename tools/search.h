/*
 * A campaign from the command line: options in, a document with findings, written schedules and numbers out.
 */
#ifndef RACE_TOOLS_SEARCH_H
#define RACE_TOOLS_SEARCH_H

#include "explorer/campaign.h"
#include "invocation.h"
#include "report/document.h"

/*
 * What can be checked before anything is started: a command, jobs, the places for results, librace.so. Returns
 * EXIT_CLEAN, or the exit code to end with after a sentence on stderr. *library is set when clean.
 */
int search_check(struct invocation *invocation, const char **library);

/* Fills in a campaign's options from the command line; they borrow from the invocation. -1: a sentence was said. */
int search_options(struct invocation *invocation, const char *library, struct campaign_options *options);

/*
 * Runs a campaign and puts what came of it into the document: schedules of findings are shrunk, written and noted.
 * Returns the exit code. On SIGINT or SIGTERM it ends early with what there is; *interrupted_by is the signal then.
 */
int search_run(struct invocation *invocation, const char *library, struct document *document, int *interrupted_by);

/* The command that repeats a schedule of this invocation. */
const char *search_replay_line(struct invocation *invocation, const char *schedule);

#endif
