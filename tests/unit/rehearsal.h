/*
 * A rehearsal: a tiny program run in the models alone, without a process, as the target would run it. What it gives
 * is a real trace, so that writers and followers of schedules can be tested against each other.
 */
#ifndef RACE_TESTS_REHEARSAL_H
#define RACE_TESTS_REHEARSAL_H

#include "explorer/schedule.h"
#include "shared/plan.h"

/* One operation of a task. Tasks end after their last one; the first task is `main`. */
struct rehearsal_op {
	uint16_t op;     /* OP_NONE ends the list */
	uint16_t object; /* number of the object within its kind, from 1; CREATE and JOIN: number of the task, from 1 */
	uint16_t second; /* a condition's mutex */
	uint16_t site;   /* names the function: rehearsal_symbols */
	const char *text; /* statement */
	uint64_t wait_ns; /* not 0: it is timed */
	uint8_t choice;   /* enum choice_kind: a value of 0..1 is chosen while it is performed, or VICTIM told */
	uint8_t about;    /* such choices about channels 1 to this one, and about 1 again; 0: one choice, about nothing */
};

struct rehearsal_task {
	const char *name;
	const struct rehearsal_op *ops;
};

enum { REHEARSAL_TASKS = 8, REHEARSAL_KIND_OBJECTS = 8 };

struct rehearsal {
	struct rehearsal_task tasks[REHEARSAL_TASKS]; /* [0] is main */
	const char *const *functions;                 /* by site; NULL: no symbols */
};

/* Function names by site; objects 1 of each kind are variables "lock" and so on, others have none. */
struct symbols rehearsal_symbols(const struct rehearsal *rehearsal);

/*
 * Runs it under a plan; with a follower every choice is put to that. The trace is the caller's, freed with
 * rehearsal_free; its result holds outcome, counts and a hash of the steps.
 */
struct trace *rehearsal_run(const struct rehearsal *rehearsal, const struct plan *plan, const struct directive *prefix,
	struct follower *follower);
void rehearsal_free(struct trace *trace);

#endif
