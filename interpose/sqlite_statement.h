/*
 * SQL statements as the trace knows them: normalised text and footprint, interned in the control block.
 *
 * The footprint comes from SQLite's authorizer, which names every table that a statement reads or writes, triggers
 * and views included, while the statement is prepared. Text is normalised: literals become ?, white space is folded.
 */
#ifndef RACE_SQLITE_STATEMENT_H
#define RACE_SQLITE_STATEMENT_H

#include <stddef.h>
#include <stdint.h>

#include "shared/statement.h"

enum { SQLITE_TEXT_BYTES = 1000 };

/* Literals become ?, white space is folded, comments go; at most SQLITE_TEXT_BYTES. Returns the length. */
size_t sqlite_statement_normalise(const char *sql, char *out);

/* What is noted of a statement while it is prepared; lies on the stack of who prepares it. */
struct sqlite_note {
	struct statement statement;
	char names[STATEMENT_TABLES][64]; /* of its tables */
	struct sqlite_note *outer;
};

/* The calling thread prepares: until the end, what the authorizer notes belongs to that statement. */
void sqlite_statement_begin(struct sqlite_note *note);

/* Nothing happens where that note was never begun. */
void sqlite_statement_end(const struct sqlite_note *note);

/* One note of the authorizer; nobody prepares: nothing. */
void sqlite_statement_note(int action, const char *first, const char *second);

/* The statement with this text; `prepared`: its footprint has just been noted. 0: unknown. */
uint32_t sqlite_statement_enter(const char *sql, int prepared);

/* The same by its normalised text, if it has a footprint already; 0: it has none. */
uint32_t sqlite_statement_find(const char *text, size_t length);

/* Hash of a table's name, as footprints have it. */
uint64_t sqlite_statement_table(const char *name);

#endif
