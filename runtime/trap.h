/*
 * Traps: every system call of the program and its libraries, however it is made, comes to us first (syscall user
 * dispatch, Documentation/admin-guide/syscall-user-dispatch.rst), and so does every write to protected memory. Our own
 * system calls are made as always. Only for a process whose tasks share one kernel thread.
 */
#ifndef RACE_TRAP_H
#define RACE_TRAP_H

#include <stdbool.h>
#include <stdint.h>

struct trap_handlers {
	/* True: *result is what the call gives. False: traps are closed, and the call is made as always. */
	bool (*call)(long number, const long *arguments, long *result);
	/* True: try again. False: traps are closed, and what happens next is what always does. */
	bool (*fault)(uint64_t address);
};

/* False: the kernel can't. What handlers stand on is in shared memory. */
bool trap_open(const struct trap_handlers *handlers);
void trap_close(void);

#endif
