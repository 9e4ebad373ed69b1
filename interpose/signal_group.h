/*
 * What signal_group.c offers to kill().
 */
#ifndef RACE_INTERPOSE_SIGNAL_GROUP_H
#define RACE_INTERPOSE_SIGNAL_GROUP_H

#include <sys/types.h>

/* kill() of a process group, 0: the caller's. 0, or -1 with the error for the caller. `genuine` is kill(). */
int signal_group_kill(pid_t group, int number, int (*genuine)(pid_t, int));

#endif
