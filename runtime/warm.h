/*
 * What makes the children of the fork server cheap. The kernel copies the page table of a mapping to a child only where
 * the mapping has pages of its own (fork(2) leaves file pages to be faulted in again, some 2 us for each 64 KB of code).
 * One page of each mapping of code and constants, rewritten with what it holds, makes it such a mapping: what has been
 * used in the server is there in every child. What only children use is learned from the first one, by
 * /proc/self/pagemap, and looked at in the server before the next is forked. Where the kernel refuses, children fault as
 * usual.
 */
#ifndef RACE_WARM_H
#define RACE_WARM_H

/* In the server, before the first child. */
void warm_begin(void);

/* In a child, as it ends: writes down what it has used. */
void warm_learn(void);

/* In the server, before each child: looks at what has been written down since. */
void warm_recall(void);

#endif
