/*
 * race as turn holder: when a task that has the turn dies or sleeps in the kernel, race does what the task can't do
 * any more: applies its death to every model, or marks it lapsed, records the step and hands the turn on.
 */
#ifndef RACE_EXPLORER_PROXY_H
#define RACE_EXPLORER_PROXY_H

#include <stdbool.h>

#include "shared/control.h"

enum proxy_verdict {
	PROXY_PASSED,  /* some task has the turn, or waits for one that lapsed */
	PROXY_NOBODY,  /* nobody is left who could go on: the execution is over; world.outcome says how */
	PROXY_LATE,    /* the task had gone on meanwhile: nothing was done */
};

/* Notes in world and trace that something could not be controlled; `text` says what. Task 0: nobody we know. */
void proxy_note(struct control *control, uint32_t task, enum uncontrolled reason, uint64_t site, const char *text);

/* The running task sleeps or spins outside our control. */
enum proxy_verdict proxy_lapse(struct control *control, uint32_t task, enum uncontrolled reason, uint64_t site);

/* A thread has died without saying so, and its process lives. */
enum proxy_verdict proxy_task_died(struct control *control, uint32_t task);

/* A process has died, with this wait status, without saying so. */
enum proxy_verdict proxy_died(struct control *control, uint32_t process, int status);

/* Hands on a turn that nobody has. */
enum proxy_verdict proxy_pass(struct control *control);

#endif
