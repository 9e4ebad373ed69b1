/*
 * What signal.c offers to others of interpose/.
 */
#ifndef RACE_INTERPOSE_SIGNAL_H
#define RACE_INTERPOSE_SIGNAL_H

#include <signal.h>
#include <stdbool.h>
#include <sys/types.h>

/* A signal that our own handler took, but that is meant for the program: does what the program has asked for. */
void signal_foreign(int number, siginfo_t *information, void *context);

/* When the library is loaded: which signals the program has been told to ignore by who started it. */
void signal_open(void);

/* When this process begins under control, or goes on as a new program: what it does about which signal. */
void signal_begin(void);

/* The kernel holds this signal for us, too (one without a handler, or from outside): not any more. False: it does not. */
bool signal_take(int number, siginfo_t *information);

/* kill() of a task: 0, or -1 with the error for the caller. */
int signal_kill(pid_t pid, int number);

/* As tgkill, to a thread of ours. */
int signal_thread(int tid, int number);

#endif
