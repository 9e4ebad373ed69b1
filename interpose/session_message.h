/*
 * Messages that servers send unasked: Redis to subscribers, PostgreSQL to those who LISTEN. Who reads from a session that has subscribed, and finds nothing there,
 * waits until another task's session has published something: a blocked task, not one that sleeps in the kernel. Before
 * anybody goes on after that the message has arrived wherever it goes to (INQUIRY_SETTLE), so that who reads what when is
 * a matter of who runs. Waits by poll and select are such, too; those by epoll are left to the kernel.
 *
 * PostgreSQL says to nobody when listeners have been told: each that has nothing yet gets a second of real time at most
 * when a transaction with a NOTIFY or pg_notify() in one of its statements is committed. What comes later, or is sent by
 * triggers and prepared statements, is heard when nobody else can go, outside of control.
 */
#ifndef RACE_SESSION_MESSAGE_H
#define RACE_SESSION_MESSAGE_H

#include <stdbool.h>
#include <stdint.h>

/* The caller is about to receive from this descriptor, which may be anything. 0: it may; EAGAIN, EINTR: it has waited in vain. */
int session_message_await(int fd);

/* What this descriptor waits for where it is a session that has subscribed; 0: it is none. */
uint32_t session_message_source(int fd);

/* May messages come to this session that nobody could be seen to send? */
bool session_message_is_late(int fd);

struct session_request;

/* A session's request has been answered: it may have published something, or asked for what others publish. */
void session_message_replied(uint32_t session, const struct session_request *request);

#endif
