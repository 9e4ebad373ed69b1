/*
 * C++ and Rust names as people write them.
 */
#ifndef RACE_TOOLS_DEMANGLE_H
#define RACE_TOOLS_DEMANGLE_H

#include "pool.h"

/* The readable form, or the name itself when there is none; lives as long as the pool or the name. */
const char *demangle(struct pool *pool, const char *name);

#endif
