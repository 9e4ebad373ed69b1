/*
 * Observing: what a program does when it is preloaded without a race that controls it. Genuine calls, real threads; each
 * task writes what it did into its ring (shared/ring.h), and a race started beside the program reads that when the
 * program has ended. The program sees nothing of it but time.
 *
 * Nothing is observed, and nothing exists, before something can happen at once: observing begins with the first thread,
 * or the first database, or when a process forks that accepts connections: its children are to work side by side. Until
 * then all these functions do nothing.
 *
 * Called with any lock held and in signal handlers; no function here blocks, but observe_finish.
 */
#ifndef RACE_OBSERVE_H
#define RACE_OBSERVE_H

#include <stdbool.h>
#include <stdint.h>

#include "shared/ring.h"

/* What a thread knows of itself while it observes. */
struct observer {
	struct ring *ring;          /* NULL: not bound, or not observed */
	struct ring_event *events;
	int tid;
	int parent_tid;             /* of the thread that forked this process; 0: none did */
	uint16_t task;
	uint32_t nmarks;            /* given to locks */
};

extern __thread struct observer observer;

/* Private to this process and zero again in a forked child, who must bind anew: NULL until observing has begun. */
extern volatile uint32_t *observe_alive;

/* At load: whether to observe at all is up to RACE_OPTIONS, which is kept: the program may change it. */
void observe_configure(char **environment);

/* Begins observing this process, if that has not happened. */
void observe_begin_process(void);

/* The process accepts connections; it is about to fork. */
void observe_listens(void);
void observe_before_fork(void);

/* Is the calling thread observed? Binds it when it is not known yet. */
bool observe_bind(void);

static inline bool observe_is_on(void)
{
	if (!observe_alive)
		return false;
	return (observer.ring && *observe_alive) || observe_bind();
}

/* A new task of this process or of one to be; 0: no room, it will not be observed. */
uint32_t observe_task_new(uint64_t start, const char *name, bool new_process);

/* The program has done this (enum seen), before observing began or since. */
void observe_note(uint32_t seen);

/*
 * A thread is made from here: where that is no module that is known, those that have been loaded since are looked at,
 * and true says so.
 */
bool observe_modules(uint64_t caller);

/* The calling thread is this task; in a forked child its first. */
void observe_task_bind(uint32_t task, uint64_t handle);
void observe_process_bind(uint32_t task);

/* The thread has been made, but perhaps not run yet. */
void observe_task_made(uint32_t task, uint64_t handle);

/* A task by its pthread_t, not joined yet; 0: unknown. It has been joined by the calling thread. */
uint32_t observe_task_by_handle(uint64_t handle);
void observe_task_joined(uint32_t task);

/* A child process of this process by its pid has been waited for. */
void observe_process_reaped(int pid);

/* The time of the machine as stamps have it, the same for all processors. */
uint64_t observe_time(void);

/* Writes an event of the calling thread, which observe_is_on; the time is now. */
void observe_write(const struct ring_event *event);

/* Tables that all tasks share. False: somebody died there or is slow; do without. */
bool observe_lock(void);
void observe_unlock(void);

/* A text for an event; 0: none, or no room. */
uint32_t observe_text(const char *text);

/*
 * The main process ends with this status: waits until what was observed has been judged and reported. Returns the
 * status to end with. Another process, or one that has nothing to tell: at once, with the same status.
 */
int observe_finish(int status);

#endif
