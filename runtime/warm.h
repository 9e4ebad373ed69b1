/*
 * What makes the children of the fork server cheap. The kernel copies the page table of a mapping to a child only where
 * the mapping has pages of its own (fork(2) leaves file pages to be faulted in again, some 2 us for each 64 KB of code).
 * One page of each mapping of code and constants, rewritten with what it holds, makes it such a mapping. Then each page
 * that the server has costs every child some 100 ns, to be copied and to be given up again, so it has those that children
 * use, and no others.
 *
 * They are learned from two children, which find these mappings empty and leave behind in /proc/self/pagemap what they
 * have brought in. A fault brings in 16 pages at once, but never beyond the mapping: for as long as children learn,
 * every other page is a mapping of its own, set apart by advice that does nothing (MADV_RANDOM, for reading ahead).
 * Where the kernel refuses any of that, children fault as usual.
 */
#ifndef RACE_WARM_H
#define RACE_WARM_H

/* In the server, before each child. */
void warm_prepare(void);

/* In a child, as it ends. */
void warm_learn(void);

#endif
