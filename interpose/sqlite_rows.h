/*
 * Rows that statements change and return, as the trace has them: always a digest, in rich executions the values too.
 */
#ifndef RACE_SQLITE_ROWS_H
#define RACE_SQLITE_ROWS_H

#include "sqlite_connection.h"

/* From the preupdate hook: `change` is SQLite's action code. */
void sqlite_rows_record(struct sqlite_connection *connection, int change, const char *table, int64_t rowid);

/* Digest of the current row of a statement; its values are recorded when the plan is rich. */
uint64_t sqlite_rows_digest(struct sqlite3_stmt *statement, uint32_t index);

/* The statement with its parameters filled in is recorded when the plan is rich. */
void sqlite_rows_parameters(struct sqlite3_stmt *statement, uint32_t index);

#endif
