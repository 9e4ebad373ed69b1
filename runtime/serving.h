/*
 * Serving: what goes over a conversation (shared/conversation.h), and which request each task works for.
 *
 * A task works for the request whose bytes it has read last on a server's end, and reads those of one at a time; once it accepts another connection, or
 * finds its own closed, for none. What it reads elsewhere brings it back: the reply of a database to the request that
 * the question was asked for, the reply of another server to the sender's. So an event loop, which serves many at a
 * time, works for the one that the current event belongs to. Work that is handed on within a process (to a queue that
 * other threads take from, to a timer) is not followed.
 */
#ifndef RACE_SERVING_H
#define RACE_SERVING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/uio.h>

/* The calling task has connected to a server, or is about to; it has accepted a connection. */
void serving_connect(uint32_t channel);
void serving_accept(int fd, uint32_t channel);

/* Bytes have just been written to a channel: `nbytes` of the vectors, behind the first `skipped`. */
void serving_wrote(int fd, uint32_t channel, const struct iovec *vectors, size_t skipped, size_t nbytes);

/* A read of a channel has just given `result`: bytes, 0 at the end, or a negative errno. */
void serving_read(int fd, uint32_t channel, int64_t result);

/*
 * The calling task is about to close or shut down one of its descriptors. Another process may have the same socket, so this
 * ends a reply that has begun and has no other end, and nothing else.
 */
void serving_close(int fd, uint32_t channel);

/* Is this channel a connection on which HTTP may be spoken? Is any? */
bool serving_converses(uint32_t channel);
bool serving_converses_anywhere(void);

/* The next bytes of this descriptor are those of a request that is held: there is nothing to be read. */
bool serving_is_held(int fd);

/*
 * Was there more to be read of this descriptor than one request, when it was read last? Then it is ready again, which the
 * kernel may have said already. True once.
 */
bool serving_collect(int fd);

/*
 * Which of these vectors to read into, so that the bytes belong to one request: the first ones, or `*piece`, which is a
 * part of one. Returns how many.
 */
int serving_fit(int fd, const struct iovec **vectors, int nvectors, struct iovec *piece);

/* Is this descriptor the server's end of a conversation, or does a server listen on it? */
bool serving_is_here(int fd, uint32_t channel);

/* The unit that the calling task works for, 0: none; and going back to work for one. */
uint64_t serving_unit(void);
void serving_resume(uint64_t unit);

#endif
