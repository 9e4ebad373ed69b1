/*
 * An invariant of the runtime does not hold. The only way out that does not depend on the program's state: note the
 * reason in the control block, mark the execution OUTCOME_BROKEN, leave the process. Assertions are always on.
 */
#ifndef RACE_DIE_H
#define RACE_DIE_H

void die(const char *reason) __attribute__((noreturn));

#define DIE_UNLESS(condition) \
	do { \
		if (__builtin_expect(!(condition), 0)) \
			die(__FILE__ ": " #condition); \
	} while (0)

#endif
