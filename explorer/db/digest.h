/*
 * Digests of images: equal when the contents are equal up to row order, to ids handed out by the database, and to
 * values drawn at random.
 *
 * Ids (values of type `s`, see issued.h) and values of COLUMN_VOLATILE are nodes of a graph that connects the rows
 * they appear in. Nodes are coloured by iterated refinement (Weisfeiler and Leman, 1968), three rounds; a row's hash
 * is taken over its other values and the colours of its nodes, a table's digest is the sum of its row hashes and
 * their count. Two contents that differ have equal digests only where refinement can't tell the nodes apart.
 */
#ifndef RACE_EXPLORER_DB_DIGEST_H
#define RACE_EXPLORER_DB_DIGEST_H

#include "image.h"

struct digest_table {
	uint32_t table; /* index in the image */
	uint32_t nrows;
	uint64_t hash;
	uint64_t *rows; /* hash of each row, in the image's order */
};

struct digest {
	uint64_t hash;
	uint32_t ntables;
	struct digest_table *tables; /* those not ignored, in the image's order */
	struct arena *arena;
};

/* NULL when memory is short. The image is needed only during the call. */
struct digest *digest_open(const struct image *image);
void digest_close(struct digest *digest); /* NULL does nothing */

/* How one table differs between two images. */
struct digest_difference {
	const char *table;
	int32_t left_table, right_table; /* -1: there is no such table */
	uint32_t left_rows, right_rows;
	uint32_t nextra, nmissing; /* rows only in left, only in right */
	uint32_t extra, missing;   /* index of the first of each in its table, ~0: none */
};

/*
 * The tables that differ between two images, with the flags as they are; at most `max` are written, the number there
 * are is returned. Names live as long as the images. -1 when memory is short.
 */
int digest_difference(const struct image *left, const struct image *right, struct digest_difference *out,
	uint32_t max);

#endif
