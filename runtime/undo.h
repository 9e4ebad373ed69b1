/*
 * What an execution does to the kernel's idea of its process, and undoing that: what it maps, opens, asks signals to do.
 * Only what is known to be undone, or to leave nothing behind, is performed here.
 *
 * Files that are written are the user's, as in all executions of a campaign; where descriptors of before were read is
 * put back.
 */
#ifndef RACE_UNDO_H
#define RACE_UNDO_H

#include <stdbool.h>
#include <stdint.h>

/* Where nothing has happened yet. False: this process has something that can't be put back. */
bool undo_open(void);

/*
 * Performs the system call with its six arguments. False: it was not performed, because what it does can't be undone.
 */
bool undo_perform(long number, const long *arguments, long *result);

/* All that was performed since undo_open() is undone. */
void undo_all(void);

/* Nothing but signal masks has changed since undo_open(), and nothing was left outside. */
bool undo_is_clean(void);

/* Has it left anything outside the process that can't be undone and does no harm: output, changed files? */
bool undo_was_outside(void);

/* The signals that must never be blocked while memory is protected. */
uint64_t undo_spare_mask(uint64_t mask);

#endif
