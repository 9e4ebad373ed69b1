/*
 * Locks on files, as far as the kernel leaves them to us: it refuses a POSIX lock that would close a circle of waiting
 * processes, but it sees no circles while our tasks wait elsewhere.
 */
#ifndef RACE_SHARED_FILE_LOCK_H
#define RACE_SHARED_FILE_LOCK_H

#include <stdbool.h>

#include "../world.h"

/*
 * Would a wait of this process for `blocker` (both indices) close a circle? As fcntl(2) has it, and like the kernel
 * giving up after ten.
 */
bool file_lock_is_circle(const struct world *world, uint32_t process, uint32_t blocker);

/* Does this process have a lock of this object, as far as the models know? 0: does any of ours? */
bool file_lock_is_held(const struct world *world, uint32_t object, uint32_t process);

/* The process has lost it by something that is no operation of its own. */
void file_lock_drop(struct world *world, uint32_t object, uint32_t process);

#endif
