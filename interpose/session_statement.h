/*
 * Statements of database servers, interned as those of SQLite are. Without the server's catalogue a statement's
 * footprint is only a guess from its words: reading statements without function calls touch the tables they name,
 * all others may touch anything (triggers, foreign keys). What they name is kept nevertheless, so that it can be told.
 */
#ifndef RACE_SESSION_STATEMENT_H
#define RACE_SESSION_STATEMENT_H

#include <stdbool.h>
#include <stdint.h>

/* The statement with this text; `whole`: nothing of it was cut off. 0: the table is full (noted). */
uint32_t session_statement_enter(const char *sql, bool whole);

/*
 * One statement for several that the server is asked for at once: their texts with semicolons between, and the tables of
 * all; it may touch anything. 0: unknown, as there is little room left.
 */
uint32_t session_statement_join(const uint32_t *statements, uint32_t n);

#endif
