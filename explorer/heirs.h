/*
 * The sessions of one execution handle's target that live on (runtime/inherited.h, db/heir.h): taken over when the target
 * passes them, put back to what they were after each execution, given up when the process ends that has them.
 */
#ifndef RACE_EXPLORER_HEIRS_H
#define RACE_EXPLORER_HEIRS_H

#include <stdbool.h>
#include <stdint.h>

#include "shared/control.h"

struct heirs;

/* Opens the door through which the target passes them. NULL when memory is short; without a door there will be none. */
struct heirs *heirs_open(struct control *control);
void heirs_close(struct heirs *heirs);

/* The target has passed some: why they can't live on, SESSION_LOSS_NONE: they do. */
enum session_loss heirs_take(struct heirs *heirs, uint32_t n);

/* They don't live on, nor does the process that has them. */
void heirs_end(struct heirs *heirs);

/* They don't live on. What the servers called them is kept for heirs_backends(). */
void heirs_drop(struct heirs *heirs);

/* Is there a process that has some? */
bool heirs_exist(struct heirs *heirs);

/*
 * The execution is over. What a look at the servers could see of what it has left in them is undone; the rest is begun, and
 * done by heirs_repair(), which is to follow: servers work at it while they are looked at.
 */
void heirs_calm(struct heirs *heirs);

/*
 * The execution is over: what it has left in them is undone. Where that can't be, they don't live on, nor does the process
 * that has them. Does nothing when nothing was left.
 */
void heirs_repair(struct heirs *heirs);

/* The same for one session, on which the program has just said goodbye. -1: it can't be done. */
int heirs_repair_one(struct heirs *heirs, uint32_t session);

/* Adds the numbers of those on this server that are to be ended, at most DATABASE_HEIRS. They are asked for once. */
uint32_t heirs_take_ended(struct heirs *heirs, uint32_t peer, int32_t *backends);

#endif
