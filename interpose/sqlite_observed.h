/*
 * SQLite as it is observed: genuine calls; around them what was executed, what it changed and what became of its
 * transaction goes into the calling task's ring (RING_ROW, RING_TRANSACTION).
 *
 * Footprints of statements come from the authorizer, changed rows from the update hook. Both are ours from the moment
 * a connection is opened; the program's own are called from them, and it gets back what it set.
 */
#ifndef RACE_SQLITE_OBSERVED_H
#define RACE_SQLITE_OBSERVED_H

#include <stdbool.h>
#include <stdint.h>

#include "abi/sqlite.h"
#include "observe.h"
#include "sqlite_statement.h"

typedef int sqlite_observed_call(struct sqlite3_stmt *);
typedef void *sqlite_observed_set_hook(struct sqlite3 *, abi_sqlite_update *, void *);
typedef int sqlite_observed_set_authorizer(struct sqlite3 *, abi_sqlite_authorizer *, void *);

void sqlite_observed_opened(struct sqlite3 *db);
void sqlite_observed_before_prepare(struct sqlite_note *note);
int sqlite_observed_prepared(int result, struct sqlite3_stmt **statement);
int sqlite_observed_step(struct sqlite3_stmt *handle, sqlite_observed_call *genuine, uint64_t site);
int sqlite_observed_release(struct sqlite3_stmt *handle, sqlite_observed_call *genuine, bool final, uint64_t site);
int sqlite_observed_close(struct sqlite3 *db, int (*genuine)(struct sqlite3 *), uint64_t site);
int sqlite_observed_authorizer(struct sqlite3 *db, abi_sqlite_authorizer *authorizer, void *argument,
	sqlite_observed_set_authorizer *genuine);
void *sqlite_observed_hook(struct sqlite3 *db, abi_sqlite_update *hook, void *argument,
	sqlite_observed_set_hook *genuine);

/* sqlite3_exec runs its statements by calls of its own, which are its caller's. */
void sqlite_observed_exec_begin(uint64_t site);
void sqlite_observed_exec_end(void);

#define SQLITE_OPEN_OBSERVED(call, db) \
	({ \
		observe_begin_process(); \
		int opened_result = call; \
		if (db) \
			sqlite_observed_opened(*db); \
		opened_result; \
	})

#define SQLITE_EXEC_OBSERVED(call) \
	({ \
		sqlite_observed_exec_begin((uint64_t)(uintptr_t)__builtin_return_address(0)); \
		int executed_result = call; \
		sqlite_observed_exec_end(); \
		executed_result; \
	})

#endif
