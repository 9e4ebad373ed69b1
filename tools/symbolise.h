/*
 * Names for addresses of the target, by libdw: functions, source lines, inlined calls, variables.
 *
 * Addresses are found in the module table of the control block, which grows while executions run; it is read at each
 * question, so the block must be mapped until symbolise_close. Debug information is looked for in the file itself and
 * where the system keeps it apart (/usr/lib/debug, by build id). Files are opened at the first question about them.
 *
 * C++ names are demangled with __cxa_demangle of libstdc++.so.6 where that library is installed (as it is wherever
 * C++ programs run); otherwise, and for what it does not know, names stay as they are in the file.
 *
 * Never fails: what can't be found out is NULL or 0 in the answers, and module and offset are given where the module
 * is known.
 */
#ifndef RACE_TOOLS_SYMBOLISE_H
#define RACE_TOOLS_SYMBOLISE_H

#include <stdbool.h>
#include <stdint.h>

#include "explorer/symbols.h"
#include "pool.h"

struct symbolise;

/* Borrows the control block. All strings it hands out live until symbolise_close. */
struct symbolise *symbolise_open(const struct control *control);

/*
 * The provider that the explorer asks. code() answers with the function that has the code, whatever was inlined into
 * it: schedules and fingerprints have to outlive another compilation.
 */
const struct symbols *symbolise_symbols(struct symbolise *symbolise);

/*
 * The whole chain at one return address, innermost inlined function first, the function that has the code last.
 * Returns how many, at least 1 (an unknown one when nothing is known), at most `max`.
 */
uint32_t symbolise_frames(struct symbolise *symbolise, uint16_t process, uint64_t address, struct symbol *out,
	uint32_t max);

/*
 * The place for people: the innermost one, inlined functions included, that does not stand in a header of a standard
 * library. False when all of them do, or the source is not known; *out is then the best there is.
 */
bool symbolise_place(struct symbolise *symbolise, uint16_t process, uint64_t address, struct symbol *out);

/* Is this source file a header of a standard library? NULL: no. */
bool symbolise_is_borrowed(const char *file);

/* Is the address in a module of the system (libc, the loader)? */
int symbolise_is_system(struct symbolise *symbolise, uint16_t process, uint64_t address);

void symbolise_close(struct symbolise *symbolise);

#endif
