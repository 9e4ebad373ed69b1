/*
 * Who gets a lock next. When several sessions wait for one row some servers (PostgreSQL) wake them all and let them race
 * for it. So no statement that may wait for a lock is sent while another session waits for one already: locks are
 * granted in the order in which statements come, the same each time. Whatever it does it could have done before that
 * other session began to wait, so nothing is lost. The session that is waited for goes on, it is the one to end the
 * wait; and when nobody else can go, or for a second of virtual time, who is held back is let go all the same.
 */
#ifndef RACE_SESSION_QUEUE_H
#define RACE_SESSION_QUEUE_H

#include <stdint.h>

#include "shared/world.h"

/* Holds back the announced operation, a request of this session that has not been sent yet. The caller has the turn. */
void session_queue_wait(uint32_t session, const struct request *request);

#endif
