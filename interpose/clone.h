/*
 * Children and threads that the program makes without the C library's knowing.
 */
#ifndef RACE_CLONE_H
#define RACE_CLONE_H

#include <stdint.h>

/* One is about to be made, with these flags of clone(2), by the named function. May end the execution on this carrier. */
void clone_begin(uint64_t flags, const char *name);

#endif
