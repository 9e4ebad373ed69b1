/*
 * The journal of a campaign: the answers that its strategy got, kept in a file (--resume). A strategy is determined by
 * its options and its answers, so a campaign that was ended, in order or by SIGKILL, goes on from where it was: its
 * plans are asked for again and answered from the file, until there are no more answers in it.
 *
 * A file has one writer at a time. What was written is complete up to the last record, whose remains are cut off.
 */
#ifndef RACE_EXPLORER_JOURNAL_H
#define RACE_EXPLORER_JOURNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "journal_read.h"
#include "strategy/strategy.h"
#include "trace_read.h"

struct journal;

/*
 * Opens the file, or makes it. Statements and texts of earlier sessions are put into the control block, which no
 * target has seen yet, so that their indices go on meaning the same. NULL: `reason` says why, *exit_code what to end
 * with: EXIT_USAGE when the file holds something else, EXIT_INTERNAL when it can't be used. What had to be cut off for
 * being damaged is said in `reason`, which is "" otherwise.
 */
struct journal *journal_open(const char *path, const struct journal_identity *identity, struct control *control,
	char *reason, size_t reason_bytes, int *exit_code);

/* An answer of an earlier session. */
struct journal_answer {
	struct trace *trace; /* the caller's */
	uint32_t flags;      /* enum journal_flag */
	uint64_t elapsed_ns;
	const char *notes;   /* valid until the next recall */
	size_t note_bytes;
};

enum journal_recall {
	JOURNAL_RECALLED,
	JOURNAL_NO_MORE, /* run it */
	JOURNAL_FOREIGN, /* what is there answers another plan: `reason` says so */
};

/* The answer to exploring execution `number`, whose plan has this hash. Numbers are asked for from 1 on, in order. */
enum journal_recall journal_recall(struct journal *journal, uint64_t number, uint64_t plan,
	struct journal_answer *answer, char *reason, size_t reason_bytes);

/* How many answers there are that were not recalled yet. */
uint64_t journal_pending(const struct journal *journal);

/* All that decides an execution but the plan's number. */
uint64_t journal_plan(const struct plan_draft *draft);

/*
 * Holds the answer of an execution that was just run, before others run that change the control block; -1: memory is
 * short. `records` are its trace's, as many as result->trace_bytes.
 */
int journal_hold(struct journal *journal, uint64_t number, uint64_t plan, const struct result *result,
	const void *records, const struct control *control);

/* Writes what is held, once it has been judged. -1: it can't be, `reason` says why, and nothing is kept from now on. */
int journal_keep(struct journal *journal, uint32_t flags, const char *notes, size_t note_bytes, char *reason,
	size_t reason_bytes);

void journal_close(struct journal *journal); /* NULL does nothing */

#endif
