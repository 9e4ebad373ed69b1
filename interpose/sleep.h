/*
 * Sleeping and making way, for all interfaces to them.
 */
#ifndef RACE_SLEEP_H
#define RACE_SLEEP_H

#include <stdint.h>

/* Sleeps until virtual time `deadline_ns`: 0, or EINTR. A cancellation point. */
int sleep_until(uint64_t deadline_ns);

/* Lets others go first. */
void sleep_yield(void);

/* The span in nanoseconds, yielding only when it is 0. As sleep_until otherwise; *left_ns is what is left of it. */
int sleep_for(uint64_t span_ns, uint64_t *left_ns);

#endif
