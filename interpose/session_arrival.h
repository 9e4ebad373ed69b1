/*
 * Databases that the command makes itself (explorer/db/arrival.h): what is said of databases as a whole, and what may be
 * said to the server beside, in PostgreSQL's sessions with `postgres`, for which no --db is needed.
 *
 * There a session may look, make, alter and drop databases that --db names. Anything else would stay when the execution is
 * over, so the campaign ends before it is done, as for any database that no --db names.
 */
#ifndef RACE_SESSION_ARRIVAL_H
#define RACE_SESSION_ARRIVAL_H

#include <stdbool.h>

#include "shared/wire/wire.h"

enum session_arrival_act { SESSION_ARRIVAL_OTHER, SESSION_ARRIVAL_MAKES, SESSION_ARRIVAL_REPLACES, SESSION_ARRIVAL_DROPS,
	SESSION_ARRIVAL_ALTERS };

/* The statements of a text, one after the other. */
struct session_arrival {
	const char *at; /* literals are question marks (sqlite_statement_normalise) */
	enum wire_protocol protocol;
	enum session_arrival_act act;
	char name[WIRE_NAME_BYTES]; /* of the database */
	bool looks;                 /* it changes nothing but its own session */
};

/* False: there are no more. */
bool session_arrival_next(struct session_arrival *arrival);

#endif
