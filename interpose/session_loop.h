/*
 * Sessions that an event loop waits for: those in an epoll set.
 *
 * Their requests do not wait: one is done when it was answered, or when the server keeps the answer back because of a lock;
 * the client goes on to its loop either way. When the loop is told of the answer is a choice, see epoll.c.
 */
#ifndef RACE_SESSION_LOOP_H
#define RACE_SESSION_LOOP_H

#include <stdbool.h>
#include <stdint.h>

/* The descriptor has been put into an epoll set. False: it is no session's. */
bool session_loop_join(int fd);

/* The object that stands for what the server says on this descriptor; 0: no session, or it is in no set. */
uint32_t session_loop_source(int fd);

/*
 * What the calling process waits for in its sets is there after this, or kept back by servers because of locks. False:
 * what one of the sessions says is not understood, and when it comes is not known.
 */
bool session_loop_settle(void);

/* Has the calling process any? */
bool session_loop_exists(void);

/* The client has said goodbye: waits until the server has hung up, which loops are told. */
void session_loop_end(uint32_t session);

#endif
