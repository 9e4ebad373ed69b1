/*
 * Randomness that the program asks for: drawn from the plan's seed, the task and the number of its draw, never from the
 * schedule. A task therefore gets the same values whenever it runs.
 */
#ifndef RACE_RANDOM_H
#define RACE_RANDOM_H

#include <stddef.h>
#include <stdint.h>
#include <sys/uio.h>

/* One draw fills the whole buffer. */
void random_fill(void *buffer, size_t nbytes);

/*
 * A descriptor in the place of /dev/urandom and /dev/random: a file in memory that holds 64 KiB of one draw; the
 * rest comes from random_read. `flags` as for open; -1: another path, or there is no descriptor left.
 */
int random_open(const char *path, int flags);

/*
 * So many bytes have been read from a descriptor: the device has no end, so what lacks is filled in if this is one.
 * Returns how many there are now.
 */
ssize_t random_read(int fd, const struct iovec *vectors, int nvectors, ssize_t nbytes);

#endif
