/*
 * The target's view of the control block: finding it, mapping it, and what is known of this process.
 */
#ifndef RACE_CONTROL_H
#define RACE_CONTROL_H

#include <stdbool.h>
#include <stdint.h>

#include "shared/control.h"
#include "shared/trace.h"

/* NULL until control_open has succeeded: the library is loaded but does nothing. */
extern struct control *control;

/* Of this process: the mode (fixed when the library loads) and its index in the world, 0 before the start. */
extern uint32_t control_mode;
extern uint16_t control_process;

/* The task that this image continues (exec, posix_spawn), 0: it begins on its own. The block's descriptor. */
extern uint32_t control_task;
extern int control_fd;

/*
 * Maps the block whose descriptor the environment names, and takes our names out of the environment. False: there is
 * none, or it is not ours (another version): the library stays passive.
 */
bool control_open(char **environment);

/*
 * Makes control_fd the block's descriptor again should the program have closed it by system calls of its own. False:
 * that can't be done, and the next image will not be controlled.
 */
bool control_keep(void);

/* The slot being executed, its plan and prefix. */
static inline struct slot *control_slot(void)
{
	return (struct slot *)((char *)control + control->slot_offset);
}

static inline const struct plan *control_plan(void)
{
	return &control_slot()->plan;
}

static inline const struct directive *control_prefix(void)
{
	return (const struct directive *)((const char *)control + control_slot()->prefix_offset);
}

/* Appends a string to the text area once; its offset, 0 when the area is full (noted as a limit). */
uint32_t control_text(const char *bytes, uint32_t nbytes);

/* Notes that something could not be controlled: a bit in the world and a record in the trace. */
void control_uncontrolled(enum uncontrolled reason, uint64_t site, const char *text);

/* A capacity was exceeded: OUTCOME_LIMIT is not implied, the caller decides whether to go on. */
void control_limit(enum limit_id limit, uint64_t site);

/* Ends the execution because going on would do harm. */
void control_refuse(enum obstacle_kind kind, const char *path, long error) __attribute__((noreturn));

/* Ends the execution now with this outcome: wakes race, leaves the process. Others are killed by race. */
void control_end(enum outcome outcome) __attribute__((noreturn));

#endif
