/*
 * Clients against a server (--with): the command of race's own that starts them all.
 */
#ifndef RACE_TOOLS_TOGETHER_H
#define RACE_TOOLS_TOGETHER_H

#include "invocation.h"

/* The command that runs the invocation's target with its clients; in the pool. */
char *const *together_command(struct invocation *invocation);

#endif
