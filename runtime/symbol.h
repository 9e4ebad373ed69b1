/*
 * Function names from a module's ELF symbol table, read from its file. Used for the names of tasks only: everything
 * else is named outside the target.
 */
#ifndef RACE_SYMBOL_H
#define RACE_SYMBOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Path of the running program, "" when it can't be found out. */
const char *symbol_program(char *buffer, size_t nbytes);

/*
 * The function that starts `offset` bytes after the module's first loaded byte. C names as they are, simple C++ names
 * reduced to their last component. False: none, or not readable.
 */
bool symbol_function(const char *path, uint64_t offset, char *name, size_t nbytes);

#endif
