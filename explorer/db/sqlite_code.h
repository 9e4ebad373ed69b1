/*
 * SQLite's result codes in words. Extended codes (https://sqlite.org/rescode.html) count as their primary code.
 */
#ifndef RACE_EXPLORER_DB_SQLITE_CODE_H
#define RACE_EXPLORER_DB_SQLITE_CODE_H

#include <stdbool.h>
#include <stdint.h>

/* A row is there to be read. */
bool sqlite_code_is_row(int64_t code);

/* It went well: OK, ROW or DONE. */
bool sqlite_code_is_success(int64_t code);

/* A constraint did not hold: a key was taken, a value missing. */
bool sqlite_code_is_constraint(int64_t code);

/* Another connection was in the way. */
bool sqlite_code_is_busy(int64_t code);

/* "SQLITE_BUSY: the database is locked by another connection"; never NULL. */
const char *sqlite_code_text(int64_t code);

#endif
