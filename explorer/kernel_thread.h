/*
 * A thread of the target as the kernel shows it in /proc.
 */
#ifndef RACE_EXPLORER_KERNEL_THREAD_H
#define RACE_EXPLORER_KERNEL_THREAD_H

#include <stdbool.h>
#include <stdint.h>

struct kernel_thread {
	char state;         /* R running, S asleep, D in a device, T stopped, t by a debugger, Z dead; X: it is gone */
	bool exiting;       /* it will be dead in a moment */
	bool alone;         /* the only one left of its process */
	int status;         /* of a dead process, as wait() gives it */
	uint64_t user_ns;   /* processor time in its own code, to about 10 ms */
	uint64_t system_ns; /* and in the kernel */
};

struct kernel_thread kernel_thread_read(int pid, int tid);

/* How often it has been switched out: unchanged means that it has slept all along. */
uint64_t kernel_thread_switches(int pid, int tid);

/* Is it dead, or about to be, by its own doing or because its process ends? */
bool kernel_thread_is_ending(int pid, int tid);

/* Has its process a handler for the signal, and does the thread let it in? */
bool kernel_thread_takes(int pid, int tid, int number);

#endif
