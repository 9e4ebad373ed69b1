/*
 * SQLite connections of this process: which database each works on, how it wants to wait, and what its last operation
 * did to its transaction. A row per connection in a private table; hooks are installed when a connection is met.
 *
 * BUSY is the blocking signal. A connection that set a busy time-out or handler waits: our own busy handler makes the
 * task wait on the model until another connection has let go of a lock, or its (virtual) time is over. One that set
 * neither gets BUSY at once, as natively.
 */
#ifndef RACE_SQLITE_CONNECTION_H
#define RACE_SQLITE_CONNECTION_H

#include "abi/sqlite.h"

struct sqlite_connection {
	struct sqlite3 *db;
	uint32_t object;    /* of kind CONNECTION */
	uint32_t database;  /* of kind DATABASE */
	uint64_t timeout_ns;
	uint64_t deadline_ns;
	abi_sqlite_busy *handler;
	void *handler_argument;
	abi_sqlite_authorizer *authorizer; /* the program's own, called from ours */
	void *authorizer_argument;
	uint32_t statement; /* being executed, for rows */
	int state;          /* transaction state before the running operation */
	int changes;
};

/* The connection's row, made when it is new. NULL: the table is full (noted) or db is NULL. */
struct sqlite_connection *sqlite_connection_of(struct sqlite3 *db);

/* It is closed. */
void sqlite_connection_forget(struct sqlite_connection *connection);

/* The program sets how it waits; genuine is sqlite3_busy_handler. */
int sqlite_connection_wait(struct sqlite_connection *connection, uint64_t timeout_ns, abi_sqlite_busy *handler,
	void *argument);

/* Brackets an operation: afterwards lock releases are made known and the transaction is recorded. */
void sqlite_connection_before(struct sqlite_connection *connection, uint32_t statement);
void sqlite_connection_after(struct sqlite_connection *connection, int result);

/* Does it hold a lock that a reset would give back? */
int sqlite_connection_holds(const struct sqlite_connection *connection);

#endif
