/*
 * How two units overlapped in a database, where footprints don't tell what one saw of the other (see witness.h): what
 * one did before and after the other changed something, or may have.
 */
#ifndef RACE_EXPLORER_OVERLAP_H
#define RACE_EXPLORER_OVERLAP_H

#include "db/history.h"

enum { OVERLAP_NONE = ~0U };

struct overlap {
	bool found;
	uint32_t first, second;        /* indices of the units: who was at work, and who came in between */
	uint32_t before, change, after; /* steps, the second one of the second unit; `after` may be OVERLAP_NONE */
	const char *table;             /* what the second wrote, "" where that is not known */
};

/* The most telling one; `wanted` is a table that the change should concern, NULL: any. */
struct overlap overlap_find(const struct unit_list *units, const struct history *history, const char *wanted);

#endif
