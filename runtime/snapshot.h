/*
 * Executions that begin where the program creates its first thread. The process that gets there keeps what it is at that
 * moment; when its execution ends, it does not: memory is put back (region.h), what it did to the kernel is undone
 * (undo.h), and the next plan goes on from there. Everything else of an execution is as ever.
 *
 * Whatever can't be undone ends this before it is done: the process goes on as an ordinary one, its execution is right,
 * and the fork server makes a new process for the next plan.
 */
#ifndef RACE_SNAPSHOT_H
#define RACE_SNAPSHOT_H

#include <stdbool.h>
#include <stddef.h>

#include "shared/control.h"

/*
 * The first thread is about to be created, with these attributes. Returns at once when executions can't begin here;
 * otherwise once for each.
 */
void snapshot_offer(const void *attributes);

/* Keeps a checkpoint. Returns once now, and once for each execution that goes on from here. */
void snapshot_keep(void);

/* The execution has ended with this exit status. Returns when the process is to end as always. */
void snapshot_leave(int status);

/* The kernel is about to write these bytes, without a trap of ours having seen the call. */
void snapshot_touch(const void *address, size_t nbytes);

/* We are about to do what can't be undone. */
void snapshot_abandon(enum snapshot_loss why);

/* We are about to do with a session (inherited.h) what can't be undone. */
void snapshot_lose_session(enum session_loss why);

/* We have opened a descriptor for the program. */
void snapshot_opened(void);

/* We are about to make system calls that change what is behind this descriptor. */
void snapshot_use(int fd);

/* We are about to lock something in the file behind this descriptor, or to close it, for the program. */
void snapshot_lock(int fd);
void snapshot_close(int fd);

/* The kernel is about to push the frame of a signal handler. */
void snapshot_touch_stack(void);

/* Memory is protected: these must not be blocked. */
bool snapshot_is_active(void);

#endif
