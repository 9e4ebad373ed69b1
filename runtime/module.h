/*
 * Loaded modules: the control block's table, and which callers are guarded.
 *
 * Calls from guarded modules (the C library, the loader, libgcc, database clients) offer no choice: they happen inside
 * a call that the program made, and that call was the scheduling point.
 */
#ifndef RACE_MODULE_H
#define RACE_MODULE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The first image of an execution's main process: the table begins anew. */
void module_open(void);

/* Looks at what is loaded now; to be called after exec, and when a library was opened or closed. */
void module_refresh(void);

/*
 * What is loaded now is loaded in all executions (the fork server's image); forget takes the others out of the table,
 * or it would grow with each execution where addresses are random.
 */
void module_keep(void);
void module_forget(void);

bool module_is_guarded(uint64_t address);

/* Locks that are taken from here are the module's own, and nobody else's business: only they are guarded. */
bool module_is_secluded(uint64_t address);

/*
 * A virtual machine (Java's). What its code locks from here is its own; of the locks of the program that it runs it
 * calls anybody only when one has to wait.
 */
bool module_is_machine(uint64_t address);
bool module_has_machine(void); /* one is loaded in this process */

/* Does it lie in a module of the table? */
bool module_is_known(uint64_t address);

/*
 * A library beside the C library's that malloc comes from, for the whole program (jemalloc). It is also called within
 * genuine calls (a thread's stack is made, a process forks), where no model is asked: its mutexes must be genuine
 * everywhere. Guarded; not the program itself, most of which is none.
 */
bool module_is_heap(uint64_t address);

bool module_is_own(uint64_t address); /* librace.so itself */
void module_own_range(uint64_t *begin, uint64_t *end);
bool module_is_loader(uint64_t address); /* the dynamic loader */

/* Do both addresses lie in one guarded module? */
bool module_same(uint64_t left, uint64_t right);

/*
 * The name of the function that starts at this address, from the module's symbol table; readable C and C++ names
 * only. Threads that a library starts are called "thread". Writes at most `nbytes`, NUL included.
 */
void module_function_name(uint64_t address, char *name, size_t nbytes);

#endif
