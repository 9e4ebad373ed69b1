/*
 * Answers race's question where a task is that reaches no scheduling point (shared/probe.h). The signal that carries
 * it is kept out of the program's sight.
 */
#ifndef RACE_INTERPOSE_PROBE_H
#define RACE_INTERPOSE_PROBE_H

#include <signal.h>
#include <stdbool.h>

/* Installs the handler; called by the constructor. */
void probe_open(void);

/* Is this the signal whose kernel handler stays ours whatever the program sets? */
bool probe_owns(int number);

/* The set without the signal, in `buffer` when that differs; NULL stays NULL. */
const sigset_t *probe_spare(const sigset_t *set, sigset_t *buffer);

/* A thread of this process that is in no call of ours has been cancelled: it acts upon that now, if it allows it at any time. */
void probe_cancel(int tid);

#endif
