/*
 * SQLite's interface. One execution of a statement is one scheduling point; giving back a lock that an unfinished
 * statement holds is another. Calls that SQLite makes to itself offer none, but for the statements of sqlite3_exec.
 */
#include "idle.h"
#include "sqlite_call.h"
#include "sqlite_observed.h"
#include "sqlite_rows.h"
#include "sqlite_statement.h"

__thread struct sqlite_place sqlite_place __attribute__((tls_model("initial-exec")));

static int opened(struct sqlite3 **db, int result)
{
	if (db && *db)
		sqlite_connection_of(*db);
	return result;
}

SQLITE(int, sqlite3_open, (const char *path, struct sqlite3 **db), (path, db),
	SQLITE_OPEN_OBSERVED(genuine_sqlite3_open(path, db), db))
{
	return opened(db, THROUGH(genuine_sqlite3_open(path, db)));
}

SQLITE(int, sqlite3_open16, (const void *path, struct sqlite3 **db), (path, db),
	SQLITE_OPEN_OBSERVED(genuine_sqlite3_open16(path, db), db))
{
	return opened(db, THROUGH(genuine_sqlite3_open16(path, db)));
}

SQLITE(int, sqlite3_open_v2, (const char *path, struct sqlite3 **db, int flags, const char *vfs), (path, db, flags, vfs),
	SQLITE_OPEN_OBSERVED(genuine_sqlite3_open_v2(path, db, flags, vfs), db))
{
	return opened(db, THROUGH(genuine_sqlite3_open_v2(path, db, flags, vfs)));
}

/* Preparing reads the schema: its result is recorded, but nobody else gets in between. */
static int prepared(struct sqlite3 *db, struct sqlite3_stmt **statement, int result)
{
	struct sqlite_connection *connection = sqlite_connection_of(db);

	if (!connection || sqlite_call_is_nested() || result != ABI_SQLITE_OK || !statement || !*statement)
		return result;
	sqlite_statement_enter(SQLITE_CALL(sql, *statement), 1);
	return result;
}

static void before_prepare(struct sqlite3 *db, struct sqlite_note *note)
{
	if (!sqlite_call_is_nested() && sqlite_connection_of(db))
		sqlite_statement_begin(note);
}

#define observed_prepare(call, statement) \
	({ \
		struct sqlite_note noted; \
		sqlite_observed_before_prepare(&noted); \
		int code = sqlite_observed_prepared(call, statement); \
		sqlite_statement_end(&noted); \
		code; \
	})

#define PREPARE(name, parameters, arguments) \
	SQLITE(int, name, parameters, arguments, \
		observed_prepare(genuine_##name arguments, statement)) \
	{ \
		struct sqlite_note note; \
		before_prepare(db, &note); \
		int result = prepared(db, statement, THROUGH(genuine_##name arguments)); \
		sqlite_statement_end(&note); \
		return result; \
	}

PREPARE(sqlite3_prepare,
	(struct sqlite3 * db, const char *sql, int nbytes, struct sqlite3_stmt **statement, const char **tail),
	(db, sql, nbytes, statement, tail))
PREPARE(sqlite3_prepare_v2,
	(struct sqlite3 * db, const char *sql, int nbytes, struct sqlite3_stmt **statement, const char **tail),
	(db, sql, nbytes, statement, tail))
PREPARE(sqlite3_prepare_v3,
	(struct sqlite3 * db, const char *sql, int nbytes, unsigned int flags, struct sqlite3_stmt **statement,
		const char **tail),
	(db, sql, nbytes, flags, statement, tail))
PREPARE(sqlite3_prepare16,
	(struct sqlite3 * db, const void *sql, int nbytes, struct sqlite3_stmt **statement, const void **tail),
	(db, sql, nbytes, statement, tail))
PREPARE(sqlite3_prepare16_v2,
	(struct sqlite3 * db, const void *sql, int nbytes, struct sqlite3_stmt **statement, const void **tail),
	(db, sql, nbytes, statement, tail))
PREPARE(sqlite3_prepare16_v3,
	(struct sqlite3 * db, const void *sql, int nbytes, unsigned int flags, struct sqlite3_stmt **statement,
		const void **tail),
	(db, sql, nbytes, flags, statement, tail))

/* Who is turned away makes way for the other, as soon as that is no part of a call any more. */
static int make_way(int result)
{
	if ((result & 0xff) == ABI_SQLITE_BUSY && !sqlite_place.executing)
		idle_refused();
	return result;
}

/* A step that follows: its rows come from the same snapshot, but after the last of them locks are given back, and what
 * RETURNING has told is committed. */
static int follow(struct sqlite3_stmt *handle, struct sqlite_connection *connection, uint32_t statement,
	int (*genuine)(struct sqlite3_stmt *))
{
	sqlite_connection_before(connection, statement);
	int result = THROUGH(genuine(handle));
	if (result != ABI_SQLITE_ROW)
		sqlite_connection_after(connection, result);
	return make_way(result);
}

/* The first step of an execution is the point. */
static int step(struct sqlite3_stmt *handle, struct sqlite_connection *connection, int (*genuine)(struct sqlite3_stmt *))
{
	uint32_t statement = sqlite_statement_enter(SQLITE_CALL(sql, handle), 0);
	uint16_t executing = sqlite_place.executing;

	if (SQLITE_CALL(stmt_busy, handle))
		return follow(handle, connection, statement, genuine);
	struct request request = sqlite_call_request(executing ? OP_SQLITE_EXEC : OP_SQLITE_STEP, connection, statement);
	point_announce(&request);
	sqlite_rows_parameters(handle, statement);
	sqlite_connection_before(connection, statement);
	sqlite_place.executing = 0;
	int result = THROUGH(genuine(handle));
	sqlite_place.executing = executing;
	sqlite_connection_after(connection, result);
	point_done(result, result == ABI_SQLITE_ROW ? sqlite_rows_digest(handle, statement) : 0);
	return make_way(result);
}

SQLITE(int, sqlite3_step, (struct sqlite3_stmt * handle), (handle),
	sqlite_observed_step(handle, genuine_sqlite3_step, (uint64_t)(uintptr_t)__builtin_return_address(0)))
{
	struct sqlite_connection *connection = NULL;

	if (handle && !sqlite_call_is_nested())
		connection = sqlite_connection_of(SQLITE_CALL(db_handle, handle));
	if (!connection)
		return THROUGH(genuine_sqlite3_step(handle));
	return step(handle, connection, genuine_sqlite3_step);
}

/* Resetting or finalizing a statement that still holds a lock gives it back. */
static int release(struct sqlite3_stmt *handle, int (*genuine)(struct sqlite3_stmt *))
{
	struct sqlite_connection *connection = NULL;

	if (handle && !sqlite_call_is_nested() && !sqlite_place.executing && SQLITE_CALL(stmt_busy, handle))
		connection = sqlite_connection_of(SQLITE_CALL(db_handle, handle));
	if (!connection || !sqlite_connection_holds(connection))
		return THROUGH(genuine(handle));
	uint32_t statement = sqlite_statement_enter(SQLITE_CALL(sql, handle), 0);
	int result = OPERATION(OP_SQLITE_RESET, connection, statement, genuine(handle));
	point_done(result, 0);
	return result;
}

SQLITE(int, sqlite3_reset, (struct sqlite3_stmt * handle), (handle),
	sqlite_observed_release(handle, genuine_sqlite3_reset, false, (uint64_t)(uintptr_t)__builtin_return_address(0)))
{
	return release(handle, genuine_sqlite3_reset);
}

SQLITE(int, sqlite3_finalize, (struct sqlite3_stmt * handle), (handle),
	sqlite_observed_release(handle, genuine_sqlite3_finalize, true, (uint64_t)(uintptr_t)__builtin_return_address(0)))
{
	return release(handle, genuine_sqlite3_finalize);
}

/* Its statements are points of their own, made from within by sqlite3_step; so `within` stays as it is. */
SQLITE(int, sqlite3_exec,
	(struct sqlite3 * db, const char *sql, abi_sqlite_callback *callback, void *argument, char **message),
	(db, sql, callback, argument, message),
	SQLITE_EXEC_OBSERVED(genuine_sqlite3_exec(db, sql, callback, argument, message)))
{
	if (sqlite_call_is_nested())
		return THROUGH(genuine_sqlite3_exec(db, sql, callback, argument, message));
	sqlite_connection_of(db);
	sqlite_place.executing++;
	sqlite_place.site = self.site;
	call_user_begin();
	int result = genuine_sqlite3_exec(db, sql, callback, argument, message);
	call_user_end();
	sqlite_place.executing--;
	return make_way(result);
}

static int closed(struct sqlite3 *db, int (*genuine)(struct sqlite3 *))
{
	struct sqlite_connection *connection = sqlite_connection_of(db);

	if (!connection)
		return THROUGH(genuine(db));
	struct request request = sqlite_call_request(OP_SQLITE_CLOSE, connection, 0);
	request.flags |= REQUEST_GUARDED;
	point_announce(&request);
	int result = THROUGH(genuine(db));
	point_done(result, 0);
	if (result == ABI_SQLITE_OK)
		sqlite_connection_forget(connection);
	return result;
}

SQLITE(int, sqlite3_close, (struct sqlite3 * db), (db), sqlite_observed_close(db, genuine_sqlite3_close, (uint64_t)(uintptr_t)__builtin_return_address(0)))
{
	return sqlite_call_is_nested() ? THROUGH(genuine_sqlite3_close(db)) : closed(db, genuine_sqlite3_close);
}

SQLITE(int, sqlite3_close_v2, (struct sqlite3 * db), (db),
	sqlite_observed_close(db, genuine_sqlite3_close_v2, (uint64_t)(uintptr_t)__builtin_return_address(0)))
{
	return sqlite_call_is_nested() ? THROUGH(genuine_sqlite3_close_v2(db)) : closed(db, genuine_sqlite3_close_v2);
}

SQLITE(int, sqlite3_busy_timeout, (struct sqlite3 * db, int milliseconds), (db, milliseconds))
{
	struct sqlite_connection *connection = sqlite_connection_of(db);

	if (!connection)
		return genuine_sqlite3_busy_timeout(db, milliseconds);
	return sqlite_connection_wait(connection, milliseconds > 0 ? (uint64_t)milliseconds * 1000000 : 0, NULL, NULL);
}

SQLITE(int, sqlite3_busy_handler, (struct sqlite3 * db, abi_sqlite_busy *handler, void *argument),
	(db, handler, argument))
{
	struct sqlite_connection *connection = sqlite_connection_of(db);

	if (!connection)
		return genuine_sqlite3_busy_handler(db, handler, argument);
	return sqlite_connection_wait(connection, 0, handler, argument);
}

SQLITE(int, sqlite3_set_authorizer, (struct sqlite3 * db, abi_sqlite_authorizer *authorizer, void *argument),
	(db, authorizer, argument),
	sqlite_observed_authorizer(db, authorizer, argument, genuine_sqlite3_set_authorizer))
{
	struct sqlite_connection *connection = sqlite_connection_of(db);

	if (!connection)
		return genuine_sqlite3_set_authorizer(db, authorizer, argument);
	connection->authorizer = authorizer;
	connection->authorizer_argument = argument;
	return ABI_SQLITE_OK;
}

SQLITE(void *, sqlite3_update_hook, (struct sqlite3 * db, abi_sqlite_update *hook, void *argument),
	(db, hook, argument), sqlite_observed_hook(db, hook, argument, genuine_sqlite3_update_hook))
{
	return genuine_sqlite3_update_hook(db, hook, argument);
}
