/*
 * What the files of the follower share: follower.c (who goes), follower_value.c (other choices), follower_end.c (what
 * has been met when the execution is over).
 */
#ifndef RACE_EXPLORER_FOLLOWER_PRIVATE_H
#define RACE_EXPLORER_FOLLOWER_PRIVATE_H

#include "arrears.h"
#include "schedule.h"

enum { FOLLOWER_MESSAGE_BYTES = 1024 };

struct follower {
	const struct schedule *schedule;
	const struct symbols *symbols;
	bool best_effort;
	bool finished;
	uint32_t cursor;  /* the line whose turn it is; schedule->nlines: all are behind us */
	uint32_t line;    /* that is being followed: this one, or one that its task, or who helps it, still owes */
	uint32_t task;    /* of that line, 0: it has not begun */
	uint32_t nops;    /* announcements of that task that have been looked at */
	uint32_t nmatched;
	uint32_t npatience; /* sleeps that the line has ended, yields that it has seen */
	struct arrears arrears;
	char *message;    /* [FOLLOWER_MESSAGE_BYTES]: the first line that could not be met, "": none so far */
};

/* The line that is being followed, NULL: there are no more. */
const struct schedule_line *follower_line(const struct follower *follower);

/* Takes up that line, or what its task owes, if the task has been born. Returns what follower_line() then is. */
const struct schedule_line *follower_take_up(struct follower *follower, const struct world *world);

/* It has been met. */
void follower_advance(struct follower *follower);

/* Counts what the line's task has announced since; true when it is what the line says, for the nth time. */
bool follower_notice(struct follower *follower, const struct control *control, const struct schedule_line *line);

/* Notes why a line can't be met; the first such line counts. */
__attribute__((format(printf, 3, 4))) void follower_lose(const struct follower *follower,
	const struct schedule_line *line, const char *format, ...);

/* Can this build follow such a line? */
bool follower_can_follow(const struct schedule_line *line);

/* Fills in the answer to a question that is not who goes. */
void follower_answer_value(struct follower *follower, struct control *control);

#endif
