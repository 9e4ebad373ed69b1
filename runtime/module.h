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

/* Looks at what is loaded now; to be called at the start, after exec, and when a library was opened or closed. */
void module_refresh(void);

bool module_is_guarded(uint64_t address);
bool module_is_own(uint64_t address); /* librace.so itself */

/* Do both addresses lie in one guarded module? */
bool module_same(uint64_t left, uint64_t right);

/*
 * The name of the function that starts at this address, from the module's symbol table; readable C and C++ names
 * only. Threads that a library starts are called "thread". Writes at most `nbytes`, NUL included.
 */
void module_function_name(uint64_t address, char *name, size_t nbytes);

#endif
