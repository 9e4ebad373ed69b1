/*
 * What the files of a campaign share: campaign.c (beginning, references, end), campaign_explore.c (the search),
 * campaign_resume.c (its journal), campaign_minimize.c (findings made smaller), trial.c (one execution, judged).
 */
#ifndef RACE_EXPLORER_CAMPAIGN_PRIVATE_H
#define RACE_EXPLORER_CAMPAIGN_PRIVATE_H

#include <time.h>

#include "campaign.h"
#include "hash_set.h"
#include "journal.h"

/* What may end the execution being run, and the loop around it. */
enum heed {
	HEED_ALL,     /* the budget, and whoever watches the progress */
	HEED_STOP,    /* who watches the progress: findings are shrunk after the budget, too */
	HEED_NOTHING, /* a last execution for the report is always worth its time */
};

struct campaign {
	struct campaign_options options;
	struct execution *execution;
	struct oracle *oracle;
	struct journal *journal;  /* NULL: none */
	const struct symbols *symbols;
	void *strategy;
	struct plan_draft draft;
	struct hash_set traces, fingerprints;
	uint64_t asked;           /* plans that the strategy was asked for */
	uint64_t number;          /* of the last plan that was run, references and repetitions included */
	struct timespec start;
	double earlier_seconds;   /* of the sessions before this one */
	double looked_at;         /* when the progress was told last */
	const char *phase;
	enum heed heed;
	bool stopped;             /* by progress, a signal, or a budget */
	bool concluded;           /* the result stands: shrinking findings does not change it */
	uint64_t nrecalled;       /* executions that were answered from the journal */
	uint64_t ndiverged;       /* exploring executions that could not follow their plan */
	uint64_t nunjudged;       /* outcomes that the campaign ended too early for */
	struct campaign_result *result;
};

/* An execution and what was seen of it. Close with trial_close. */
struct trial {
	struct trace *trace;
	struct observation observation;
	struct finding_list findings; /* of the detectors, in their order, then of the oracle */
	enum oracle_verdict verdict;
	char *output;                 /* what the program printed, once there is something wrong; NULL: not kept */
	bool reference;
	bool unjudged;                /* the campaign ended before it was known what to think of it */
	bool failed;                  /* it could not be run, or was given up: the campaign's result says why */
};

/* Runs the campaign's draft as it is, with a fresh number. */
void trial_run(struct campaign *campaign, struct trial *trial);
void trial_close(struct trial *trial);

/* Judges a trial by detectors and --check; sets up each finding with the draft's plan. */
int trial_judge(struct campaign *campaign, struct trial *trial);

/*
 * Runs the oracle over a trial, reference executions included. A confirmed finding is added to the trial's list. The
 * draft is another one afterwards.
 */
int trial_judge_outcome(struct campaign *campaign, struct trial *trial);

/* The draft becomes that of an execution in creation order, without the oracle's help. */
void campaign_first_plan(struct campaign *campaign);

/*
 * The first reference is done, and fine. Does the command succeed a second time? Asked only of those that leave files.
 * False: the campaign is over.
 */
bool campaign_runs_again(struct campaign *campaign);

/* Fills in what a plan leaves open. */
void campaign_complete_plan(const struct campaign *campaign, struct plan *plan);

/* Runs all reference executions that the oracle wants now. False: the campaign is over. */
bool campaign_references(struct campaign *campaign);

/* The search itself: until it is done, over, or something was found. */
void campaign_explore(struct campaign *campaign);

/* Opens the journal that the options name. -1: the result says why not. */
int campaign_resume(struct campaign *campaign);

/* Takes the trial's findings into the result; true when there was a new one. */
bool campaign_take(struct campaign *campaign, struct trial *trial);

/* Lists what could not be controlled, see uncontrolled.h. */
void campaign_note(struct campaign *campaign, const char *notes, size_t nbytes);

/* A sentence for the result; campaign_warn says it at once, too. */
void campaign_remark(struct campaign *campaign, const char *format, ...) __attribute__((format(printf, 2, 3)));
void campaign_warn(struct campaign *campaign, const char *sentence);

/* Ends the campaign: with EXIT_INTERNAL, or with the exit code given; EXIT_CLEAN is for what was given up. */
void campaign_fail(struct campaign *campaign, const char *reason);
void campaign_end(struct campaign *campaign, int exit_code, const char *reason);

/* Budget, progress: shall the campaign stop? */
bool campaign_is_over(struct campaign *campaign);

/* Of this session. */
double campaign_seconds(const struct campaign *campaign);

#endif
