/*
 * Randomness that the program asks for: drawn from the plan's seed, the task and the number of its draw, never from the
 * schedule. A task therefore gets the same values whenever it runs.
 */
#ifndef RACE_RANDOM_H
#define RACE_RANDOM_H

#include <stddef.h>
#include <stdint.h>

/* One draw fills the whole buffer. */
void random_fill(void *buffer, size_t nbytes);

/*
 * A descriptor in the place of /dev/urandom and /dev/random: a file in memory that holds 64 KiB of one draw, after
 * which it ends. `flags` as for open; -1: another path, or there is no descriptor left.
 */
int random_open(const char *path, int flags);

#endif
