/*
 * Genuine SQLite functions that we call ourselves. Found when the first call of a client is seen: the library may be
 * loaded late, and locally. Functions that this SQLite was built without are NULL.
 */
#ifndef RACE_SQLITE_LIBRARY_H
#define RACE_SQLITE_LIBRARY_H

#include "abi/sqlite.h"
#include "self.h"

#define SQLITE_LIBRARY "libsqlite3.so.0"

/* X(result, name, parameters) */
#define SQLITE_FUNCTIONS(X) \
	X(const char *, db_filename, (struct sqlite3 *, const char *)) \
	X(int, txn_state, (struct sqlite3 *, const char *)) \
	X(int, total_changes, (struct sqlite3 *)) \
	X(int, get_autocommit, (struct sqlite3 *)) \
	X(int, extended_errcode, (struct sqlite3 *)) \
	X(const char *, sql, (struct sqlite3_stmt *)) \
	X(char *, expanded_sql, (struct sqlite3_stmt *)) \
	X(struct sqlite3 *, db_handle, (struct sqlite3_stmt *)) \
	X(int, stmt_busy, (struct sqlite3_stmt *)) \
	X(int, column_count, (struct sqlite3_stmt *)) \
	X(const char *, column_name, (struct sqlite3_stmt *, int)) \
	X(int, column_type, (struct sqlite3_stmt *, int)) \
	X(int64_t, column_int64, (struct sqlite3_stmt *, int)) \
	X(double, column_double, (struct sqlite3_stmt *, int)) \
	X(const void *, column_blob, (struct sqlite3_stmt *, int)) \
	X(const unsigned char *, column_text, (struct sqlite3_stmt *, int)) \
	X(int, column_bytes, (struct sqlite3_stmt *, int)) \
	X(int, set_authorizer, (struct sqlite3 *, abi_sqlite_authorizer *, void *)) \
	X(int, busy_handler, (struct sqlite3 *, abi_sqlite_busy *, void *)) \
	X(void *, preupdate_hook, (struct sqlite3 *, abi_sqlite_preupdate *, void *)) \
	X(void *, update_hook, (struct sqlite3 *, abi_sqlite_update *, void *)) \
	X(int, preupdate_count, (struct sqlite3 *)) \
	X(int, preupdate_old, (struct sqlite3 *, int, struct sqlite3_value **)) \
	X(int, preupdate_new, (struct sqlite3 *, int, struct sqlite3_value **)) \
	X(int, value_type, (struct sqlite3_value *)) \
	X(int64_t, value_int64, (struct sqlite3_value *)) \
	X(const unsigned char *, value_text, (struct sqlite3_value *)) \
	X(int, value_bytes, (struct sqlite3_value *)) \
	X(void, free, (void *))

struct sqlite_library {
#define X(result, name, parameters) result(*name) parameters;
	SQLITE_FUNCTIONS(X)
#undef X
};

/* Never NULL; its members may be. */
const struct sqlite_library *sqlite_library(void);

/*
 * Calls one of them from our own code. SQLite's mutexes are modelled like everybody's, so the calls that it makes
 * must be seen: they are guarded by the module they come from.
 */
#define SQLITE_CALL(function, ...) \
	({ \
		self.inside = 0; \
		__typeof__(sqlite_library()->function(__VA_ARGS__)) sqlite_result = sqlite_library()->function(__VA_ARGS__); \
		self.inside = 1; \
		sqlite_result; \
	})

#endif
