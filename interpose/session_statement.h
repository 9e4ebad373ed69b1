/*
 * Statements of database servers, interned as those of SQLite are. Without the server's catalogue a statement's
 * footprint is only a guess from its words: reading statements without function calls touch the tables they name,
 * all others may touch anything (triggers, foreign keys).
 */
#ifndef RACE_SESSION_STATEMENT_H
#define RACE_SESSION_STATEMENT_H

#include <stdbool.h>
#include <stdint.h>

/* The statement with this text; `whole`: nothing of it was cut off. 0: the table is full (noted). */
uint32_t session_statement_enter(const char *sql, bool whole);

#endif
