/*
 * Lost connections: where the plan allows faults, a request that commits something on a server may be lost, or its reply
 * (CHOICE_FAULT). The client finds a connection that has ended, and what it asked for was done or was not.
 *
 * Offered to other tasks than the first one, and to that only while it serves a request: who sets the stage meets no
 * faults. Sessions in event loops have none either.
 */
#ifndef RACE_SESSION_FAULT_H
#define RACE_SESSION_FAULT_H

#include <stdint.h>

#include "shared/choice.h"

/* What becomes of this request, which has not been sent; `last`: its last statement. The caller has the turn. */
enum choice_fault session_fault_choose(uint32_t session, uint32_t last);

/* Ends the connection: the client gets nothing more, and the server is done with the session when this returns. */
void session_fault_cut(int fd, uint32_t session);

#endif
