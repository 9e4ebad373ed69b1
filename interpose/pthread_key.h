/*
 * Keys of thread-specific data. Destructors of the program's keys run under the turn, so a task ends after all rounds of
 * them; where nobody has ever made a key there is nothing to wait for.
 */
#ifndef RACE_PTHREAD_KEY_H
#define RACE_PTHREAD_KEY_H

#include <stdbool.h>

/* The program, or a library that is not the C library, has made a key. */
extern bool pthread_key_made;

#endif
