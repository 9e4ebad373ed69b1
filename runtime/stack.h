/*
 * Call stacks of the calling thread, as raw return addresses. libunwind is opened with RTLD_LOCAL, never linked:
 * its exported _Unwind_* would replace libgcc's. Without it, frames are followed by frame pointer.
 */
#ifndef RACE_STACK_H
#define RACE_STACK_H

#include <stdbool.h>
#include <stdint.h>

enum { STACK_FRAMES = 24 };

/*
 * Opens libunwind, once: by the constructor where stacks will be asked for (settings.stacks), else by whoever must know
 * where it was called from. False: it is not there.
 */
bool stack_open(void);

/*
 * Does it matter what our calls leave below the program's frames? Collectors that take whatever looks like an address for
 * one (Ruby's) find it there, in variables that are not set yet, and then do not do the same in an execution whose steps
 * are asked for, or recorded with stacks. Set in campaigns on database servers, which are what such programs come with.
 */
extern bool stack_is_tidy __attribute__((visibility("hidden")));

/* Overwrites that, from the caller's frame downwards. */
__attribute__((noinline)) void stack_wipe(void);

/* Return addresses outside librace.so, innermost first; returns how many. */
uint32_t stack_walk(uint64_t *pcs, uint32_t max);

#endif
