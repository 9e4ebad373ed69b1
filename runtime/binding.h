/*
 * Bindings: calls from one module to another go through slots that the loader fills in when they are first used ("lazy
 * binding", System V ABI x86-64, Procedure Linkage Table). A slot that an execution has filled is forgotten with all
 * else it did, so that each execution would look the same symbols up again.
 *
 * What executions found is kept for those to come, where that can't be told from finding it anew: slots of modules
 * that were there before main, bound to such modules.
 */
#ifndef RACE_BINDING_H
#define RACE_BINDING_H

#include <stdbool.h>
#include <stdint.h>

/* Before main, in the process that others are forked from. Where there is no memory, nothing is kept. */
void binding_open(void);

/* An execution is about to end in this process: what it has bound is noted, in some of the executions. */
void binding_learn(void);

/* What was noted since is bound in this process: before others are forked from it. */
void binding_apply(void);

/* The same in the copies of memory that is put back. */
void binding_adopt(void);

/* Is the address in what all executions share of this? */
bool binding_is_own(uint64_t address);

#endif
