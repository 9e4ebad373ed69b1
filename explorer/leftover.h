/*
 * Processes that outlive the main one. They go on until nobody can, or until it is clear that they would go on for
 * ever (see runtime/leftover.h), and are ended then; the result names them.
 */
#ifndef RACE_EXPLORER_LEFTOVER_H
#define RACE_EXPLORER_LEFTOVER_H

#include <stdbool.h>
#include <sys/types.h>

#include "shared/control.h"

/* Is there any, as far as the world knows? */
bool leftover_any(const struct control *control);

/* The main process has ended: applies its death when it did not say so itself. False: nobody goes on after it. */
bool leftover_serve(struct control *control);

/* Notes those who live as UNCONTROLLED_LEFTOVER. */
void leftover_note(struct control *control);

/* The same for a process that was met outside; nothing when the world knows it. */
void leftover_note_stray(void *control, pid_t pid); /* as family_kill_strays() calls it */

/* All of the execution's processes have been killed and reaped: their numbers may belong to others from now on. */
void leftover_forget(struct control *control);

#endif
