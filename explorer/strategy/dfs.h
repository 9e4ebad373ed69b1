/*
 * Depth-first search for use by other strategies; see dfs.c.
 */
#ifndef RACE_EXPLORER_DFS_H
#define RACE_EXPLORER_DFS_H

#include "strategy.h"

/* As strategy_dfs.open, but when the bound is finished it goes on with what is left, without bound. */
void *dfs_open_beyond(const struct strategy_options *options);

/* The bound that is being worked on, BOUND_NONE beyond the last. */
int dfs_bound(const void *state);

/* Were all executions so far such that finishing may be called exhausting? */
bool dfs_is_clean(const void *state);

#endif
