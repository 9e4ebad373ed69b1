/*
 * What a unit did in databases before and after it read and changed a row: whether that may have kept others out, or
 * told others to go on, as far as accesses show it.
 */
#ifndef RACE_EXPLORER_SURROUNDINGS_H
#define RACE_EXPLORER_SURROUNDINGS_H

#include "../db/history.h"

enum { SURROUNDINGS_PLACES = 48 };

/* A table, or with `table` 0 any. */
struct surroundings_place {
	uint32_t database, step;
	uint64_t table;
};

struct surroundings_list {
	uint32_t n; /* one more than there is room for: any place may be among them */
	struct surroundings_place places[SURROUNDINGS_PLACES];
};

/*
 * guards: what it wrote before, and holds still when it changes the row, or touches again later, as who takes a lock in a
 * database and gives it back; found: what it read before, and when last; left: what it wrote afterwards, and when that may
 * have been at the earliest: a server has done it some time before its reply is taken, which is when its step was made.
 */
struct surroundings {
	struct surroundings_list guards, found, left;
};

/* The unit reads at `read` and changes at `write`. */
void surroundings_of(struct surroundings *around, const struct trace *trace, const struct history *history,
	const struct history_access *read, const struct history_access *write);

/* Have both written one thing that may keep the other out? */
bool surroundings_have_common_guard(const struct surroundings *one, const struct surroundings *other);

/* Did the later one find something, before it read, that the earlier one had left after it wrote? */
bool surroundings_tell(const struct surroundings *earlier, const struct surroundings *later);

#endif
