/*
 * Database files are redirected: the program opens, stats and unlinks its database under its own name, and works on a
 * private copy, so that the user's file never changes, even when everything is killed.
 *
 * A file becomes redirected when it is met: because a database client opens it, or because it has SQLite's header and
 * is about to be changed. Its state at that moment is the start state of the campaign. The journal, WAL and shared
 * memory files beside it go with it.
 */
#ifndef RACE_REDIRECT_H
#define RACE_REDIRECT_H

#include <stdbool.h>

#include "pathname.h"

/*
 * The path to use instead of this one: `path` itself when the file is nobody's copy. `folder` is what it is relative
 * to, as openat(2) has it; `buffer` has PATHNAME_BYTES. With `client` the caller is a database client about to open its main file: it becomes
 * redirected if it isn't yet. With `changes` it becomes so when it has a database's header.
 */
const char *redirect_path(int folder, const char *path, bool client, bool changes, char *buffer);

/* Copies the live databases aside: what they hold when the last unit of a marked plan begins. */
void redirect_mark(void);

/* Keeps what the live databases hold, for executions that begin here. False: there is no room. */
bool redirect_keep(void);

/* They are again what they were then, the very same files. Ends the execution where that fails. */
void redirect_restore(void);

#endif
