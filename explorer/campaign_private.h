/*
 * What the files of a campaign share: campaign.c (the loop), trial.c (one execution, judged), confirm.c (is it real?).
 */
#ifndef RACE_EXPLORER_CAMPAIGN_PRIVATE_H
#define RACE_EXPLORER_CAMPAIGN_PRIVATE_H

#include <time.h>

#include "campaign.h"
#include "hash_set.h"

struct campaign {
	struct campaign_options options;
	struct execution *execution;
	struct oracle *oracle;
	const struct symbols *symbols;
	void *strategy;
	struct plan_draft draft;
	struct hash_set traces, fingerprints;
	uint64_t number; /* of the last plan handed out */
	struct timespec start;
	const char *phase;
	bool stopped;    /* by progress, a signal, or a budget */
	struct campaign_result *result;
};

/* An execution and what was seen of it. Close with trial_close. */
struct trial {
	struct trace *trace;
	struct observation observation;
	struct finding_list findings; /* of the detectors, in their order */
	bool failed;                  /* it could not be run: the campaign's result says why */
};

/* Runs the campaign's draft as it is, with a fresh number. */
void trial_run(struct campaign *campaign, struct trial *trial);
void trial_close(struct trial *trial);

/* Judges a trial by detectors and --check; sets up each finding with the draft's plan. */
int trial_judge(struct campaign *campaign, struct trial *trial);

/*
 * Runs the oracle over a trial, reference executions included. A confirmed finding is added to the trial's list.
 */
int trial_judge_outcome(struct campaign *campaign, struct trial *trial);

/* Runs all reference executions that the oracle wants now. False: the campaign is over. */
bool campaign_references(struct campaign *campaign);

/* Takes the trial's findings into the result; true when there was a new one. */
bool campaign_take(struct campaign *campaign, struct trial *trial);

/* Budget, progress: shall the campaign stop? */
bool campaign_is_over(struct campaign *campaign);

double campaign_seconds(const struct campaign *campaign);

#endif
