/*
 * The guardian: a small process that outlives race by a moment. When race dies, however that happens, it kills what
 * the campaign started and removes the campaign's folder, so that nothing is left behind.
 */
#ifndef RACE_EXPLORER_GUARDIAN_H
#define RACE_EXPLORER_GUARDIAN_H

#include "block.h"

struct guardian {
	int pid;
	int lifeline; /* its end tells the guardian that race is gone */
};

/* -1 with errno when it can't be started. */
int guardian_open(struct guardian *guardian, const struct block *block, const char *folder);

/* Dismisses it; the caller cleans up itself. */
void guardian_close(struct guardian *guardian);

/* Kills all processes of the running execution, and the fork server when `server`. */
void guardian_kill(struct control *control, int server);

/* Removes a folder and all that is in it. */
void guardian_remove(const char *folder);

#endif
