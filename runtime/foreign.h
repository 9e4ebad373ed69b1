/*
 * Threads that the program has made by a bare clone, in its own memory. The world knows nothing of them, and what they
 * do, or the kernel does when they end, may be what tasks wait for: such waits are the kernel's, and when all wait
 * otherwise that is no deadlock.
 *
 * They may have the thread control block of the task that made them, and so be taken for it: only the kernel tells them
 * apart.
 */
#ifndef RACE_FOREIGN_H
#define RACE_FOREIGN_H

#include <stdbool.h>

/* This process may have some. */
extern bool foreign_threads;

/* One is about to be made, by the task that has the turn. */
void foreign_begin(void);

/* It has gone, or has a memory of its own. */
void foreign_end(void);

/* This process is a fork: they are where it comes from. */
void foreign_forget(void);

/* The calling thread is one of them, although it has the thread control block of a task. */
bool foreign_is_here(void);

/* All wait, nobody has lapsed. Ends the execution if some have been made. */
void foreign_excuse(void);

#endif
