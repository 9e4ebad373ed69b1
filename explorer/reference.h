/*
 * A reference: what one serial execution came to, kept to compare others with.
 */
#ifndef RACE_EXPLORER_REFERENCE_H
#define RACE_EXPLORER_REFERENCE_H

#include "agenda.h"
#include "ending.h"
#include "reads.h"
#include "refusal.h"

struct reference_unit {
	uint64_t identity;
	const char *name;
	bool touches;
	bool loops; /* see mixture.h */
};

struct reference {
	bool usable;           /* it ended by itself, and the units asked for ran one after another */
	const char *complaint; /* why not, a static text; NULL when usable */
	bool marked;
	uint64_t hash;         /* of the ending, under the mask of the last reference_hash */
	struct ending *ending;
	uint32_t nunits;       /* all units, in order of creation */
	struct reference_unit *units;
	struct refusal_answer *answers; /* [nunits] */
	struct reads *reads;            /* [nunits] */
	struct arena *arena;
};

/* Keeps copies of what it needs. NULL when memory is short. */
struct reference *reference_open(const struct observation *observation, const struct unit_list *units,
	const struct agenda_item *item);

/* Computes the hash anew. -1 when memory is short. */
int reference_hash(struct reference *reference, const struct mask *mask);

/*
 * Learns what differs between two references of one order: columns if `images`, effects' keys, replies. Returns how much was learned, -1
 * when memory is short. *statuses becomes true when exit statuses differ.
 */
int reference_learn(struct reference *left, struct reference *right, bool images, struct mask *mask, bool *statuses);

void reference_close(struct reference *reference); /* NULL does nothing */

#endif
