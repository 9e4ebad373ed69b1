/*
 * Which database of its server a session works on. Only those that --db names are put back: another one on the same server
 * ends the campaign before anything is done to it, as an unnamed server does (network.h).
 *
 * Where the program makes a database of --db itself (explorer/db/arrival.h) sessions may work beside it, see
 * session_arrival.h. A session of MySQL can name other databases in its statements (other.orders): that is not seen.
 */
#ifndef RACE_SESSION_NAME_H
#define RACE_SESSION_NAME_H

#include "shared/database.h"
#include "shared/wire/wire.h"

/* The session has logged in. */
void session_name_login(struct database_session *session, const struct wire_event *event);

struct session_request;

/* It is about to send this statement; `wire` has read it already. What it does to databases as a whole is noted. */
void session_name_statement(struct database_session *session, const struct wire *wire, const struct wire_event *event,
	struct session_request *request);

#endif
