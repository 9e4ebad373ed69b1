/*
 * What makes the children of the fork server cheap. The kernel copies the page table of a mapping to a child only where
 * the mapping has pages of its own (fork(2) leaves file pages to be faulted in again, some 2 us for each 64 KB of code).
 * One page of each mapping of code, rewritten with what it holds, makes it such a mapping: code that has run in the
 * server is there in every child. Where the kernel refuses, children fault as usual.
 */
#ifndef RACE_WARM_H
#define RACE_WARM_H

void warm_code(void);

#endif
