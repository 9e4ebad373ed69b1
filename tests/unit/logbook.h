/*
 * Genuine journals for tests: answers of a toy program in the simulator, written to a file.
 */
#ifndef RACE_TESTS_LOGBOOK_H
#define RACE_TESTS_LOGBOOK_H

#include "explorer/journal.h"
#include "simulator.h"

struct logbook {
	char path[64];                    /* of the file, in /tmp; it does not exist at first */
	struct journal_identity identity;
	struct control *control;          /* the live control block of the session */
	struct simulator *simulator;
	struct journal *journal;          /* NULL: none is open */
	char reason[512];                 /* of the last open, recall or keep */
	int exit_code;
};

void logbook_init(struct logbook *logbook);

/* A new session: another control block, the same file. 0 when the journal is open, -1 when it was refused. */
int logbook_open(struct logbook *logbook);

/* The plan of execution `number`, and the toy program's execution of it; `trace` is to be closed, or NULL. */
uint64_t logbook_plan(uint64_t number);
uint64_t logbook_run(struct logbook *logbook, uint64_t number, struct trace **trace);

/* Adds a statement to the control block's tables. */
void logbook_add_statement(struct logbook *logbook, const char *text);

/* Runs execution `number` and writes its answer. -1: it could not be written. */
int logbook_write(struct logbook *logbook, uint64_t number, uint32_t flags, const char *notes, size_t note_bytes);

void logbook_close(struct logbook *logbook);

/* Closes it, and removes the file. */
void logbook_fini(struct logbook *logbook);

#endif
