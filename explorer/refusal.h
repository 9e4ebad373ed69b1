/*
 * Refusals: units that were turned away by the database and said so.
 *
 * A unit had *trouble* when a statement of it failed or was BUSY, its work was rolled back, or a write of it changed
 * no row (unless it was to take away what the unit has written before), and no committed write or effect of it came
 * later. Whether that makes it refused depends on what it told its
 * caller: see refusal_judge. One that told its caller may have written more after the trouble: to take back what it had
 * committed before. That it has left nothing behind is seen in the databases: a refused unit must end as if it had not
 * run, so one that leaves half of its work is no refusal.
 */
#ifndef RACE_EXPLORER_REFUSAL_H
#define RACE_EXPLORER_REFUSAL_H

#include "unit.h"

struct refusal_conduct {
	bool worked;   /* has a committed write or an effect */
	bool hindered; /* had trouble */
	bool troubled; /* the same, with no work after it */
	uint32_t trouble; /* when troubled: where it began, an index into trace->transactions */
};

/* How the unit with this index fared in its execution. */
struct refusal_conduct refusal_conduct_of(const struct unit_list *units, uint32_t unit);

/* What a unit answered in a reference execution. */
struct refusal_answer {
	uint64_t unit;
	bool worked, has_result;
	int64_t result;
};

enum refusal {
	REFUSAL_NONE,       /* the unit ran */
	REFUSAL_TOLD,       /* hindered, and its result differs from those it gives when it has worked */
	REFUSAL_UNOBSERVED, /* troubled, without a result anybody could look at */
	REFUSAL_SILENT,     /* troubled, but its result says that all is well: lost work */
};

/* Compares the unit's conduct and result with its answers in the references. */
enum refusal refusal_judge(const struct unit *unit, const struct refusal_conduct *conduct,
	const struct refusal_answer *answers, uint32_t nanswers);

#endif
