/*
 * The virtual clock. All clocks of the program read it: they advance by a tick with each read and jump to the next
 * timer when nobody is enabled; computing takes no time. CLOCK_REALTIME starts at the plan's clock_start_ns, the
 * others at a fixed time after boot. The clocks of processor time start at 0 and leave out the jumps.
 */
#ifndef RACE_VCLOCK_H
#define RACE_VCLOCK_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

enum { VCLOCK_TICK_NS = 1000 };

/* Is this clock one of those we provide? Those of other processes and threads, and of devices, are not. */
bool vclock_has(clockid_t clock);

/* Is this a clock of processor time, be it ours or another process's? */
bool vclock_is_processor(clockid_t clock);

/* A read: advances by a tick. */
uint64_t vclock_read(clockid_t clock);

/* An absolute time of that clock as virtual time since the start; false when it is no valid time. */
bool vclock_deadline(clockid_t clock, const struct timespec *deadline, uint64_t *deadline_ns);

/* The length of a span; false when it is no valid one. */
bool vclock_span(const struct timespec *span, uint64_t *span_ns);

/* Virtual time a span from now. */
uint64_t vclock_after(uint64_t span_ns);

/* It is so late now, if it was not yet. */
void vclock_pass(uint64_t deadline_ns);

#endif
