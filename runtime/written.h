/*
 * Files that the program makes, changes, renames or removes under their own names: race does not undo that, so its
 * result lists them. Kept in the control block for the whole campaign, whichever process writes.
 *
 * Databases that are redirected, devices, pipes, sockets, /proc and race's own files are none. A file that came and went
 * leaves nothing to be listed. To be called by the task that called the genuine function, which may have slept.
 */
#ifndef RACE_WRITTEN_H
#define RACE_WRITTEN_H

#include <stdbool.h>

/* What is under a name before something is done to it. */
enum written_before {
	WRITTEN_NOTHING,
	WRITTEN_FILE,  /* or a folder, or a link */
	WRITTEN_OTHER, /* a pipe, a socket, a device: not listed */
};

/* `folder` and `path` as openat(2) has them. */
enum written_before written_look(int folder, const char *path);

/* It was opened to be written to. */
void written_open(int fd, enum written_before before);

/* It was made, or changed. */
void written_change(int folder, const char *path, enum written_before before);

/* It is gone. */
void written_remove(int folder, const char *path, enum written_before before);

#endif
