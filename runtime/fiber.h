/*
 * Fibers: a stack with a thread control block that the C library itself made, but no kernel thread of its own.
 *
 * It is harvested: a genuine thread is created, saves its registers on its stack, and its kernel thread ends by the
 * bare system call, without any of the library's cleaning up. Whoever switches to the stack goes on in its start
 * routine, whose caller is the library's own code: TLS and key destructors, cancellation and pthread_exit, unwinding
 * and backtraces are those of a thread. (What ends such a thread must switch away before the library ends the kernel
 * thread.)
 */
#ifndef RACE_FIBER_H
#define RACE_FIBER_H

#include <stdbool.h>
#include <stdint.h>

struct fiber {
	void *stack;          /* where its registers are, while it is not running */
	uint64_t base;        /* its thread control block */
	unsigned long handle; /* pthread_t */
	int tid;              /* as the library knows it: nobody's any more */
	uint32_t gone;        /* 0: its kernel thread has ended */
};

/* What new fibers run, once switched to; its value is the thread's. */
extern void *(*fiber_entry)(void);

/* Of the running thread. */
void fiber_adopt(struct fiber *fiber);

/* Harvests ahead, of each kind as many as an execution has used so far (control.h). */
void fiber_prepare(void);

/* A new execution begins: none of its threads has been made yet. */
void fiber_begin(void);

/* Has any execution created threads yet? */
bool fiber_is_taught(void);

/* A thread of these attributes can be made without harvesting. */
bool fiber_is_ready(const void *attributes);

/* A fiber for a thread of these attributes; 0 or an errno value, as pthread_create. */
int fiber_new(struct fiber *fiber, const void *attributes);

/* A forked child has none of its parent's fibers. */
void fiber_forget(void);

/* A stack on which nothing has run yet: it begins with the function, which does not return. */
void fiber_prime(struct fiber *fiber, void *top, void (*function)(void));

/* Saves the running context in `from` and goes on as `to`; returns when somebody goes on as `from`. */
void fiber_go(struct fiber *from, const struct fiber *to);

#endif
