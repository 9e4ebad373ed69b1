/*
 * Which processors tasks run on. All are pinned to one, and the program does not notice: it is told what it asked for,
 * or what it started with.
 */
#ifndef RACE_AFFINITY_H
#define RACE_AFFINITY_H

#include <stddef.h>

/* Pins the process as the settings want it, remembering what there was before. Once, when control begins. */
void affinity_pin(void);

/* As the system call: the bytes written, or a negative errno. */
long affinity_get(int tid, size_t nbytes, void *mask);

/* Where the calling task runs, as far as it can tell; each may be NULL. As getcpu(2). */
long affinity_locate(unsigned int *processor, unsigned int *node);

#endif
