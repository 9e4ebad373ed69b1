/*
 * Sessions with database servers as they are observed. Nobody names a server: every stream socket that is connected is
 * a candidate, until what is said on it first tells that it is a session (PostgreSQL's start-up packet, the greeting of
 * MariaDB, a command of Redis) or is none. Then the decoder follows it (session_ring.h). Who speaks to no database pays
 * for a look at a table.
 *
 * Tasks are truly parallel: a session is had by one at a time, sends included, so that replies are not decoded before
 * what they answer. Nobody waits long for it; a session that can't be had is forgotten. So is one whose descriptor has
 * become another socket, in whatever way.
 */
#ifndef RACE_SESSION_OBSERVED_H
#define RACE_SESSION_OBSERVED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/uio.h>

struct session_slot;

enum { SESSION_DESCRIPTORS = 16384 };

/* By descriptor. 0: no session, 1: a candidate, others: a slot's number + 2. */
extern uint16_t session_descriptors[SESSION_DESCRIPTORS];

static inline bool session_observed_is(int fd)
{
	return (unsigned int)fd < SESSION_DESCRIPTORS && __atomic_load_n(&session_descriptors[fd], __ATOMIC_RELAXED);
}

/* connect() has returned this. */
int session_observed_connected(int fd, const struct sockaddr *address, int result);

/* Around a call that sends: NULL when it is not looked at. What is sent then has the session until it has been told. */
struct session_slot *session_observed_begin(int fd, const struct iovec *vectors, int nvectors);
void session_observed_sent(struct session_slot *slot, const struct iovec *vectors, int nvectors, int64_t nbytes, uint64_t site);

/* A call has received this. */
void session_observed_received(int fd, const struct iovec *vectors, int nvectors, int64_t nbytes);

/* What was agreed upon to be encrypted there is told as text from now on. */
void session_observed_lift(int fd);

/* The descriptor is about to be closed. */
void session_observed_close(int fd);

/* Genuine calls, observed. */
#define SESSION_SEND_OBSERVED(call, fd, vectors, nvectors) \
	({ \
		struct session_slot *sending_slot = session_observed_is(fd) ? session_observed_begin(fd, vectors, nvectors) : NULL; \
		ssize_t sent_bytes = call; \
		if (sending_slot) \
			session_observed_sent(sending_slot, vectors, nvectors, sent_bytes, \
				(uint64_t)(uintptr_t)__builtin_return_address(0)); \
		sent_bytes; \
	})

#define SESSION_RECEIVE_OBSERVED(call, fd, vectors, nvectors, flags) \
	({ \
		ssize_t received_bytes = call; \
		if (received_bytes > 0 && !((flags) & MSG_PEEK) && session_observed_is(fd)) \
			session_observed_received(fd, vectors, nvectors, received_bytes); \
		received_bytes; \
	})

#define SESSION_VECTOR(bytes, nbytes) (&(const struct iovec){(void *)(uintptr_t)(bytes), nbytes})

#endif
