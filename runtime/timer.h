/*
 * Timers that send signals (alarm, setitimer, timer_create), on the virtual clock. A timer is a row in the table of
 * tasks with no thread behind it: sleeping until its deadline, it takes part in every choice as a sleeper does;
 * whoever chooses it sends its signal and chooses again.
 */
#ifndef RACE_TIMER_H
#define RACE_TIMER_H

#include <stdint.h>

/* Starts a timer of this process; its row, 0: no room (noted). interval_ns 0: fires once. */
uint32_t timer_arm(uint64_t after_ns, uint64_t interval_ns, int number);

/* Stops it; virtual time it had left, 0: it had fired. */
uint64_t timer_disarm(uint32_t timer);
uint64_t timer_left(uint32_t timer);

/* It has been chosen: sends its signal; starts it again or ends it. */
void timer_fire(uint32_t timer);

#endif
