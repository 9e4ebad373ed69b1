/*
 * Tasks and processes of this execution: birth, names, death, and which kernel thread is which.
 *
 * A task's identity is a hash of its parent's identity and its number among the parent's children: the same whatever
 * the interleaving. Its name is for people: `main`, the start routine, or the program; `#n` when not the first.
 */
#ifndef RACE_TASK_H
#define RACE_TASK_H

#include "control.h"
#include "self.h"

static inline struct task *task_self(void)
{
	return (struct task *)((char *)control->world.tasks + self.task_at);
}

/* Starts the world: the calling thread becomes the first task of the first process. Call once per execution. */
void task_start(const char *program);

/*
 * A child of the calling task, READY to begin. `process` 0: in a new process. 0 when a table is full (noted).
 * `name` may be "": then the parent's program name serves.
 */
uint32_t task_new(bool new_process, uint64_t start, const char *name);

/* A row for a timer of the calling task's process (timer.h). 0: the table is full. */
uint32_t task_new_timer(void);

/* The child could not be made after all. */
void task_drop(uint32_t task);

/* The calling kernel thread is this task from now on. */
void task_bind(uint32_t task);

/* In a forked child: the calling thread is `task`, first of its process; all other threads are gone. */
void task_bind_process(uint32_t task);

/*
 * The task is about to execute a program with these arguments. What it sends is known by them from then on, not by how many
 * children its parent has had before: scripts start some of them as often as it takes until a server answers.
 */
void task_command(uint32_t task, char *const *arguments);

/* A new program image runs in this process (exec): its other tasks are gone, module tables differ. */
void task_new_image(void);

/* pthread_t of tasks of this process. */
void task_set_handle(uint32_t task, unsigned long handle);
unsigned long task_handle(uint32_t task);
uint32_t task_by_handle(unsigned long handle); /* not yet joined; 0: none of ours */

/* The task of this process that the program knows by that kernel number; 0: none. */
uint32_t task_by_tid(int tid);

/* Live tasks of this process, the caller included. */
uint32_t task_live(void);

/* Sets this task's name in the world, made unique with #n. */
void task_name(struct task *task, const char *name);

#endif
