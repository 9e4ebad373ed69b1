/*
 * Closing descriptors, for all ways to it.
 */
#ifndef RACE_DESCRIPTOR_H
#define RACE_DESCRIPTOR_H

#include <stdbool.h>

/* Closes one, as close() does; `genuine` does it. `guarded`: without offering a choice. errno in self.error. */
int descriptor_close(int fd, bool guarded, int (*genuine)(int));

#endif
