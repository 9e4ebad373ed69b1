/*
 * What the stanzas of SQLite share: where a thread is within SQLite, and operations on connections.
 *
 * Calls that SQLite makes to itself while it performs an operation are its own business and go straight through; the
 * statements that sqlite3_exec runs are not: they are points of their own, at the site of its caller.
 */
#ifndef RACE_SQLITE_CALL_H
#define RACE_SQLITE_CALL_H

#include "call.h"
#include "sqlite_connection.h"
#include "sqlite_library.h"

#define SQLITE(result, name, parameters, arguments, ...) \
	INTERPOSE_IN(SQLITE_LIBRARY, result, name, parameters, arguments __VA_OPT__(, ) __VA_ARGS__)

/* Where this thread is within SQLite. */
struct sqlite_place {
	uint16_t within;    /* depth of operations being performed */
	uint16_t executing; /* sqlite3_exec runs its statements */
	uint64_t site;      /* of sqlite3_exec's caller */
};

extern __thread struct sqlite_place sqlite_place __attribute__((tls_model("initial-exec")));

/* Is this call SQLite's own business? */
static inline bool sqlite_call_is_nested(void)
{
	sqlite_library(); /* makes the library's module known */
	return sqlite_place.within > 0 && module_is_guarded(self.site);
}

static inline void sqlite_call_begin(void)
{
	sqlite_place.within++;
	call_user_begin();
}

static inline void sqlite_call_end(void)
{
	call_user_end();
	sqlite_place.within--;
	point_ensure();
}

/* Runs a genuine call whose own calls the models see. */
#define THROUGH(call) \
	({ \
		sqlite_call_begin(); \
		__typeof__(call) through_result = (call); \
		sqlite_call_end(); \
		through_result; \
	})

/* The request of an operation on a connection's database. */
static inline struct request sqlite_call_request(enum op op, const struct sqlite_connection *connection,
	uint32_t statement)
{
	struct request request = call_request(op, connection->database);

	request.second = connection->object;
	request.statement = statement;
	if (sqlite_place.executing) {
		request.flags = 0;
		request.site = sqlite_place.site;
	}
	return request;
}

/* An operation on a connection, as a scheduling point around the genuine call. */
#define OPERATION(op_, connection_, statement_, call) \
	({ \
		struct request operation = sqlite_call_request(op_, connection_, statement_); \
		point_announce(&operation); \
		sqlite_connection_before(connection_, statement_); \
		int operation_result = THROUGH(call); \
		sqlite_connection_after(connection_, operation_result); \
		operation_result; \
	})

#endif
