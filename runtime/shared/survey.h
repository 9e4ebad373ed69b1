/*
 * Surveys: a look at all tasks before each decision: who can go on, who could by a time-out, when time would pass.
 */
#ifndef RACE_SHARED_SURVEY_H
#define RACE_SHARED_SURVEY_H

#include "turn.h"

/* What it finds out beside the sets of the decision. */
struct survey {
	bool live, lapsed;
	bool sleeps;          /* who has the earliest deadline sleeps until then */
	uint64_t deadline_ns; /* earliest */
};

/* Fills in the decision's sets and their sizes, clears the rest of it. Words of sets beyond those in use are left. */
void survey_tasks(struct world *world, struct decision *decision, struct survey *survey);

#endif
