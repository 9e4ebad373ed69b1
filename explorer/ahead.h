/*
 * Executions that run ahead: plans that the campaign will probably ask for next are handed to the target before it does,
 * so that many executions run without a hand-over, and race reads the traces of some while the target runs others.
 *
 * It changes no result. An execution is a function of its plan, and what has run ahead is used only when its very plan
 * is asked for and nothing about it was remarkable: it ended with status 0, recorded no failure, escaped no control,
 * left nothing outside its process, and was put back. Anything else is run again, alone, as if nothing had been.
 * How far ahead is found out: twice as far with each one that could be used, not at all after one that could not.
 */
#ifndef RACE_EXPLORER_AHEAD_H
#define RACE_EXPLORER_AHEAD_H

#include <stdbool.h>
#include <stdint.h>

#include "block.h"

/* What whoever asks for plans can say of those to come. */
struct outlook {
	/* The plan that will be asked for after `distance` - 1 others, as far as can be said now; false: unknown. */
	bool (*foresee)(void *state, uint32_t distance, struct plan_draft *draft);
	/* Is this result all that anybody wants to know of a usable answer? */
	bool (*is_enough)(void *state, const struct result *result);
	void *state;
};

struct ahead {
	uint32_t width;                  /* plans to be under way */
	uint64_t until;                  /* number of the last one handed out; 0: what was handed out was taken back */
	uint32_t nvain;                  /* that could not be used, less those that could */
	uint32_t next;                   /* where the one that is asked for next is, most likely */
	bool used[AHEAD_SLOTS];          /* the slot has a plan that may be asked for */
	uint64_t keys[AHEAD_SLOTS];      /* hashes of those plans */
	struct plan_draft draft;
};

enum { AHEAD_NONE = 0xffffffff };

/* The slot that has this plan, planned, running or done; AHEAD_NONE. */
uint32_t ahead_find(struct ahead *ahead, const struct control *control, const struct plan_draft *draft);

/*
 * Hands out plans that follow `number`, once half of them have been asked for. Race sleeps until the target has come to
 * the last quarter: waking it for each would cost as much as the executions do.
 */
void ahead_fill(struct ahead *ahead, struct block *block, uint64_t number, const struct outlook *outlook);

/* Is this an answer to the plan as good as any? */
bool ahead_is_usable(const struct slot *slot, const struct plan_draft *draft);

/* One could be used, or not. */
void ahead_hit(struct ahead *ahead);
void ahead_miss(struct ahead *ahead);

/* The slot's answer has been read; it is free. */
void ahead_release(struct ahead *ahead, struct control *control, uint32_t index);

/* Takes back what has not begun; the slot of the one that is running, or AHEAD_NONE. */
uint32_t ahead_halt(struct ahead *ahead, struct control *control);

/* Forgets all that is done; after ahead_halt. */
void ahead_drop(struct ahead *ahead, struct control *control);

/* The target is gone, and with it all plans that it had. */
void ahead_forget(struct ahead *ahead, struct control *control);

void ahead_close(struct ahead *ahead);

#endif
