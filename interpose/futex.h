/*
 * Futexes that the program uses by system call: Rust's standard library, std::atomic::wait, libstdc++ and others.
 *
 * A wait is two operations: under the turn the value is compared (FUTEX_COMPARE); if it is as expected the task sleeps
 * (FUTEX_WAIT). Nobody runs between the two, so no wake-up is lost, while those who change the value and wake may come
 * before the comparison.
 */
#ifndef RACE_FUTEX_H
#define RACE_FUTEX_H

#include <stdint.h>

/*
 * The arguments as the system call takes them; result as its: a number, or a negative errno. Operations that have no
 * model (priority inheritance, FUTEX_WAKE_OP) are genuine, and noted.
 */
long futex_call(uint32_t *address, int operation, uint32_t value, long timeout, uint32_t *second, uint32_t value3);

#endif
