/*
 * Making child processes: what fork, posix_spawn, system and popen share.
 */
#ifndef RACE_PROCESS_H
#define RACE_PROCESS_H

#include <stdint.h>
#include <sys/types.h>

#include "shared/outcome.h"

/* Called by the constructor. */
void process_open(void);

/* image_inspect; besides, can the control block be handed down? */
enum uncontrolled process_inspect(const char *path);

/* What a call of vfork is to go to, see vfork.S. */
typedef int process_forker(void);
process_forker *process_vfork(void);

/* As fork, in the body of another call. errno in self.error. */
pid_t process_fork(void);

/* Announces a fork and makes the child's task; NULL names it after the program. 0: a table is full. */
uint32_t process_child(const char *name);

/* The child is there (pid), or could not be made (pid <= 0, self.error says why). Ends the operation. */
void process_born(uint32_t task, int pid);

/*
 * Waits for a child of ours as waitpid does. `pid` > 0: that one, otherwise any. The result is that of wait4; errno in
 * self.error.
 */
pid_t process_wait(pid_t pid, int *status, int options, void *usage);

/*
 * An image that can't be controlled will run as this task: it is left alone from now on, and the reason is noted.
 * The caller goes on to exec without the turn.
 */
void process_leave(uint32_t task, int reason, const char *path);

#endif
