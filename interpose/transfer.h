/*
 * Moving bytes through channels: what read, write, stdio's streams and pairs of sockets share.
 */
#ifndef RACE_TRANSFER_H
#define RACE_TRANSFER_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>
#include <sys/uio.h>

/*
 * Reads or writes as readv and writev do, blocking on the model where they would block. Writes all, unless the
 * description is non-blocking or an error comes in between. Negative errno instead of -1. `guarded`: offers no choice
 * unless it must wait.
 */
ssize_t transfer_read(int fd, const struct iovec *vectors, int nvectors, bool guarded);
ssize_t transfer_write(int fd, const struct iovec *vectors, int nvectors, bool guarded);

/* The same for a socket, with flags of send. */
ssize_t transfer_send(int fd, const struct iovec *vectors, int nvectors, int flags);

/*
 * Is this descriptor one for which the above are meant? Otherwise the genuine function is. What is written to the
 * outside is taken before the turn moves on.
 */
bool transfer_reads(int fd);
bool transfer_writes(int fd);

#endif
