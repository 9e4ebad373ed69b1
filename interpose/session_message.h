/*
 * Messages that Redis sends to subscribers unasked. Who reads from a session that has subscribed, and finds nothing there,
 * waits until another task's session has published something: a blocked task, not one that sleeps in the kernel. Before
 * anybody goes on after that the message has arrived wherever it goes to (INQUIRY_SETTLE), so that who reads what when is
 * a matter of who runs. Waits by poll and select are such, too; those by epoll are left to the kernel.
 */
#ifndef RACE_SESSION_MESSAGE_H
#define RACE_SESSION_MESSAGE_H

#include <stdbool.h>
#include <stdint.h>

/* The caller is about to receive from this descriptor, which may be anything. 0: it may; EAGAIN, EINTR: it has waited in vain. */
int session_message_await(int fd);

/* What this descriptor waits for where it is a session that has subscribed; 0: it is none. */
uint32_t session_message_source(int fd);

/* A session's request that may have published has been answered. */
void session_message_published(uint32_t session);

#endif
