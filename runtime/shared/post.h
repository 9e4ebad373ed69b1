/*
 * Sending signals within the world: to a task, to a process, by a timer that has been chosen. Pure.
 *
 * A signal that is held is a bit in the task that will take it, or in the process while all its tasks block it. One that
 * would end the process, or do nothing, is held there, too, for one who waits for it.
 */
#ifndef RACE_SHARED_POST_H
#define RACE_SHARED_POST_H

#include "world.h"

static inline uint64_t post_bit(int number)
{
	return number >= 1 && number <= 64 ? 1ULL << (number - 1) : 0;
}

void post_task(struct world *world, struct task *task, int number);

/* A signal has come to a process or one of its tasks: who waits for descriptors that tell of it looks again. */
void post_tell(struct world *world, uint32_t process, int number);

/* For one of the process's tasks that waits for it, else one that lets it in; else it is held for the process. */
void post_process(struct world *world, uint32_t process, int number);

/* Does this signal end a process that has no handler for it and does not ignore it, where it is let in? */
bool post_is_fatal(const struct process *process, int number);

/* Would some task of the process take it at once, though none waits for it? SIGKILL always is. */
bool post_is_let_in(struct world *world, uint32_t process, int number);

/* Both: whoever sends it ends the process. */
static inline bool post_ends(struct world *world, uint32_t process, int number)
{
	return world->processes[process].state == PROCESS_LIVE && post_is_fatal(&world->processes[process], number) &&
		post_is_let_in(world, process, number);
}

/* One of the process's tasks that lets it in, else the one given. */
struct task *post_taker(struct world *world, uint32_t process, int number, struct task *otherwise);

/* What is held for the process and wanted here is this task's now. */
void post_claim(struct world *world, struct task *task, uint64_t wanted);

/* The task lets these in. What has no handler is not held any longer: the kernel does with it what it does by default. */
void post_admit(struct world *world, struct task *task, uint64_t admitted);

/*
 * A timer (TASK_TIMER) has been chosen: sends its signal (task.start), and with an interval (task.exit_value, ns)
 * sleeps again. True when it does: its new announcement is to be recorded. Otherwise it has ended.
 */
bool post_timer(struct world *world, struct task *timer);

/* Makes a timer sleep until this virtual time. */
void post_timer_sleep(const struct world *world, struct task *timer, uint64_t deadline_ns);

#endif
