/*
 * The witness of an anomaly: the check and the act of two units whose order made the difference. One unit reads a
 * table, the other writes it, and the first goes on to write or to have an effect without having read it again. Where
 * there is no such pair, the first may have read the table in two pieces, before and after the other's write.
 */
#ifndef RACE_EXPLORER_WITNESS_H
#define RACE_EXPLORER_WITNESS_H

#include "db/history.h"

struct witness {
	bool found;
	uint32_t first, second;     /* indices of the units: whose check went stale, and who wrote in between */
	uint32_t check, act;        /* steps of the first unit */
	uint32_t other_check;       /* the second unit's own read of the table before the first wrote it, ~0: none */
	uint32_t other_act;         /* the second unit's write */
	bool both;                  /* both had read the table before either wrote it */
	bool split;                 /* no stale check: the first read the table before and after the other's write */
	const char *table;          /* what was checked */
	bool act_is_effect;
};

/* The most telling pair; `wanted` is a table or effect that the act should concern, NULL: any. */
struct witness witness_find(const struct unit_list *units, const struct history *history, const char *wanted);

#endif
