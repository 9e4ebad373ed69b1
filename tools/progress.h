/*
 * Progress of a campaign: one line on stderr that is written over and over. Only on a terminal; gone when done.
 */
#ifndef RACE_TOOLS_PROGRESS_H
#define RACE_TOOLS_PROGRESS_H

#include <stdbool.h>

#include "explorer/campaign.h"
#include "terminal.h"

struct progress {
	struct terminal terminal;
	uint64_t max_executions; /* 0: no limit */
	double shown_at;         /* seconds since the start */
	bool shown;
	volatile const int *stop; /* non-zero: the campaign is to end; may be NULL */
};

void progress_init(struct progress *progress, uint64_t max_executions, bool quiet);

/* A campaign's callback; `state` is the struct progress. Non-zero when *stop is. */
int progress_show(void *state, const struct campaign_progress *now);

/* Takes the line away. */
void progress_clear(struct progress *progress);

#endif
