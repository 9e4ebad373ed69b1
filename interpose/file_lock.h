/*
 * Locks on files between controlled tasks: fcntl's record locks (of processes and of open files), lockf and flock. The
 * kernel's table of locks is the truth; the model decides when to try again and knows who waits for what.
 */
#ifndef RACE_FILE_LOCK_H
#define RACE_FILE_LOCK_H

#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>

/* Does fcntl with this command lock or unlock? */
bool file_lock_is_command(int command);

/* That. As fcntl; errno in self.error. */
int file_lock_fcntl(int fd, int command, struct flock *range);

/* Observing: a call that locks, or unlocks, made there. Locks on files are not followed, only known to be in use. */
void file_lock_observed(void *caller);

/* The lock object that the caller's process holds of the file behind fd, and may lose with it; 0: none. */
uint32_t file_lock_of(int fd);

#endif
