/*
 * timerfd, on virtual time. The genuine descriptor is what the program polls and reads, and stays unarmed: when a timer
 * is due in virtual time, whoever is about to ask the kernel makes it expire there.
 *
 * Timers belong to the process that made them; a forked child has a copy of what was armed then.
 */
#ifndef RACE_TIMERFD_H
#define RACE_TIMERFD_H

#include <stdbool.h>
#include <stdint.h>

/* Virtual time at which the next timer of this process is due; UINT64_MAX: none is armed. */
uint64_t timerfd_next(void);

/* Makes all that are due by now readable. */
void timerfd_fire(void);

/* Has it expired, and less than a millisecond ago, so that it may as well do so a little later? */
bool timerfd_is_due(int fd);

/* How often the timer has expired since it was read last; called when it has been read. False: it is none of ours. */
bool timerfd_take(int fd, uint64_t *count);

/* These descriptors are closed. */
void timerfd_forget(unsigned int first, unsigned int last);

#endif
