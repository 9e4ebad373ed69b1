/*
 * What must be written so that a table holds again what it held: the difference of two multisets of rows. Pure; the
 * adapters turn it into statements. Rows are equal when all their texts are; of equal rows it does not matter which.
 */
#ifndef RACE_EXPLORER_DB_REPAIR_H
#define RACE_EXPLORER_DB_REPAIR_H

#include "image.h"

/* Finds rows of a table as it was at the start by their primary key, where it has one. */
struct repair_index;

/* NULL when memory is short. Borrows the table. */
struct repair_index *repair_index_open(const struct image_table *start);
void repair_index_close(struct repair_index *index); /* NULL does nothing */

/* The start's row with the same primary key; ~0: there is none, or the table has no key. */
uint32_t repair_index_find(const struct repair_index *index, const struct image_value *row);

struct repair_pair {
	uint32_t now, start;
};

struct repair {
	uint32_t nextra, nmissing, nchanged, nreplaced;
	uint32_t *extra;             /* rows of now that the start did not have */
	uint32_t *missing;           /* rows of the start that are gone */
	struct repair_pair *changed; /* rows with the same key and other content; in neither of the above */
	/* repair_explain: rows of the start that those written since stand for, be they equal. */
	uint32_t *replaced;
};

/* From the whole table as it is now. NULL when memory is short. */
struct repair *repair_open(const struct repair_index *index, const struct image_table *now);

/*
 * From those rows only that were written since, when `ngone` of the start's are there no longer as they were. That is
 * enough when each of them has been written anew with the same key; NULL: it is not, or memory is short.
 */
struct repair *repair_explain(const struct repair_index *index, const struct image_table *written, uint32_t ngone);

void repair_close(struct repair *repair); /* NULL does nothing */

#endif
