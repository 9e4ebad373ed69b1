/*
 * Checkpoints inside an execution. A depth-first search asks for plans that begin as the one before and differ near its
 * end: they go on from the last checkpoint of what they share, instead of running it again. A checkpoint is the memory
 * that executions write, as it was there, and the position (position.h); what the kernel knows of the process must be
 * what it was at the snapshot, or none is kept; nor once there are database files, or where servers are named.
 *
 * Keeping one costs a copy of those pages. It is done only when so much has been executed since the last one that this
 * is little, and ever more rarely while nobody comes back to them. Whether one is kept changes no trace.
 */
#ifndef RACE_CHECKPOINT_H
#define RACE_CHECKPOINT_H

#include <stdbool.h>
#include <stdint.h>

#include "fiber.h"
#include "shared/control.h"

struct checkpoint;

/* Where there is no memory for them, there are none. Once in a process, before its memory is protected. */
void checkpoint_open(void);

/* A task has announced its operation and the next decision is due: is it time to keep a checkpoint here? */
bool checkpoint_is_due(void);

/* Keeps one; `fiber` goes on from here. Called with that fiber's registers saved, from memory that is in no region. */
void checkpoint_keep(const struct fiber *fiber);

/* A choice was made in the current execution. */
void checkpoint_note(struct directive taken);

/* The last one that lies on the way of this slot's plan; NULL: none. Those that are not on it are forgotten. */
const struct checkpoint *checkpoint_find(const struct slot *slot);

/* There are none at all. */
bool checkpoint_is_none(void);

/* Memory is as it was at the checkpoint. */
void checkpoint_restore(const struct checkpoint *checkpoint);

/* The slot was opened: it begins at the checkpoint, NULL: at the snapshot. */
void checkpoint_begin(const struct checkpoint *checkpoint);

/* The process goes on as an ordinary one. */
void checkpoint_stop(void);

/* The fiber that goes on from it. */
const struct fiber *checkpoint_fiber(const struct checkpoint *checkpoint);

#endif
