/*
 * Giving bytes of a session to the kernel. Programs whose sockets don't block are told how many it has taken, which is what
 * there was room for, by how quickly the server has read: the rest would be a step of its own, in one execution and not in
 * the next. So who speaks with a server gives all of it here.
 */
#ifndef RACE_SESSION_WRITE_H
#define RACE_SESSION_WRITE_H

#include <stdint.h>
#include <sys/uio.h>

/*
 * As sendmsg() with these flags and without a signal: how many bytes were taken, or what went wrong. Not all, or -EAGAIN,
 * only when the server takes no more: it waits until what it says is read, or does not read at all.
 */
int64_t session_write(int fd, const struct iovec *vectors, int nvectors, int flags);

#endif
