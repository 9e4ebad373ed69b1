/*
 * Named pipes: opening one waits until somebody opens its other end.
 */
#ifndef RACE_FIFO_H
#define RACE_FIFO_H

#include <stdbool.h>

/* Would this open, with arguments as of openat, wait for another one? */
bool fifo_waits(int folder, const char *path, int flags);

/* Does it. The descriptor, or -1 with errno in self.error. */
int fifo_open(int folder, const char *path, int flags);

#endif
