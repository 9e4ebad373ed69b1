/*
 * Descriptors that were open when executions began at a snapshot, and those opened since. The former are put back: which
 * file is open under which number, where it is read, and that none is locked. The latter are closed.
 *
 * Pipes, sockets and the like that were open before can't be put back: what is read from them is gone, and who has the
 * other end hears of what is done here.
 */
#ifndef RACE_OPENED_H
#define RACE_OPENED_H

#include <stdbool.h>

/* Looks at what is open. False: there is no memory for that, or descriptors are scattered too much. */
bool opened_open(void);

/* Open since before, and not closed meanwhile, or a duplicate of such a one: what is done to it must be undone. */
bool opened_is_old(long fd);

/* Such a one that can't be put back. */
bool opened_has_state(long fd);

/*
 * Files that have no name, memory files and temporary ones, are open for writing: what they hold can't be put back, and
 * nobody else would see it change. To be asked at any time.
 */
bool opened_have_nameless(void);

/* From now on this one can be put back all the same: others undo what is done to what is behind it. */
void opened_spare(long fd);

/* The flags of such a one, and of what it opens, are about to be set. False: they can't be noted. */
bool opened_note_flags(long fd);

/* Some were opened. */
void opened_note(void);

/* An old descriptor's offset is about to change; also for those that have none. False: it can't be noted. */
bool opened_note_offset(long fd);

/*
 * A descriptor is about to be duplicated, and has been: offset, flags and locks are the same open file's. False: it can't
 * be noted.
 */
bool opened_begin_duplicate(long fd);
void opened_end_duplicate(long fd, long copy);

/* What is behind an old descriptor is about to be locked. */
void opened_note_lock(long fd);

/*
 * The number, if it is an old descriptor's, is about to become another's, or nobody's: the descriptor is kept under a
 * number that the program does not come across. False: that can't be.
 */
bool opened_set_aside(long fd);

/* Nothing was opened, moved, locked or set aside. */
bool opened_is_clean(void);

/* A descriptor of our own goes where the program does not come across it, until all is undone. Negative: it can't. */
long opened_hide(long fd);

/* All is as it was. */
void opened_undo(void);

#endif
