/*
 * Names for code and data addresses. The explorer only asks; the tools answer with libdw (tools/symbolise.c), unit
 * tests with a table. All strings live as long as the provider.
 */
#ifndef RACE_EXPLORER_SYMBOLS_H
#define RACE_EXPLORER_SYMBOLS_H

#include <stdint.h>

#include "shared/control.h"

struct symbol {
	const char *function; /* NULL: unknown */
	const char *module;   /* base name of the file, NULL: unknown */
	const char *file;     /* source file, NULL: unknown */
	uint32_t line;        /* 0: unknown */
	uint64_t offset;      /* of the address within the module */
};

struct symbols {
	void *state;
	/* Names a return address of process `process` of the last execution (the call before it is meant). */
	void (*code)(void *state, uint16_t process, uint64_t address, struct symbol *out);
	/* The variable at this data address ("lock", "accounts+40"), NULL when it is none of a module's. */
	const char *(*data)(void *state, uint16_t process, uint64_t address);
};

/* code() with symbols == NULL allowed: everything unknown then. */
void symbols_code(const struct symbols *symbols, uint16_t process, uint64_t address, struct symbol *out);
const char *symbols_data(const struct symbols *symbols, uint16_t process, uint64_t address);

#endif
