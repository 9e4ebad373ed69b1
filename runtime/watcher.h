/*
 * The race that watches an observed program: a process of its own, started when observing begins, which reads what was
 * observed once the program has ended, by whatever way, judges it and reports it.
 *
 * The program does not notice it: it is no child that wait() would return or that sends SIGCHLD, has a session of its
 * own and of the program's descriptors only stderr.
 */
#ifndef RACE_WATCHER_H
#define RACE_WATCHER_H

#include <stdbool.h>

/* Finds the race command beside this library or in ../bin; called at load, before the program changes folders. */
bool watcher_locate(void);

/* Starts it; it gets the block. False: it can't be started. */
bool watcher_start(int block, const char *options);

/* The program ends now: waits for the watcher, and returns the status it wants the program to end with; 0: any. */
int watcher_finish(void);

#endif
