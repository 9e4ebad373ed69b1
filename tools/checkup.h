/*
 * Checks of a machine and of a command, as a list of items to be printed.
 */
#ifndef RACE_TOOLS_CHECKUP_H
#define RACE_TOOLS_CHECKUP_H

#include <stdbool.h>

#include "pool.h"

enum check_state {
	CHECK_GOOD,
	CHECK_NOTE, /* works, with a limit worth knowing */
	CHECK_BAD,  /* race can't work */
};

struct checkup_item {
	enum check_state state;
	const char *name, *text;
};

struct checkup {
	struct pool *pool; /* owns the items */
	uint32_t nitems;
	struct checkup_item *items;
};

/* librace.so, address randomisation, memfd, subreaper, futex, ptrace, room for files, processors, libunwind. */
void checkup_machine(struct checkup *checkup);

/* Can it be controlled, and what of it? Returns the exit code that running it would end with. */
int checkup_command(struct checkup *checkup, char *const *command);

/*
 * What race can do with this database server; with `mark` its database is marked for testing. Returns EXIT_USAGE when
 * it can't be reached or marked, else EXIT_CLEAN.
 */
int checkup_database(struct checkup *checkup, const char *url, bool mark);

void checkup_add(struct checkup *checkup, enum check_state state, const char *name, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

/* No item is CHECK_BAD. */
bool checkup_is_fit(const struct checkup *checkup);

#endif
