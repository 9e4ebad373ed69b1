/*
 * What an execution came to, reduced to what is compared: databases, effects, replies to requests, exit statuses. An ending is either that
 * of an exploring execution (and borrows from its observation) or of a reference (and keeps copies).
 */
#ifndef RACE_EXPLORER_ENDING_H
#define RACE_EXPLORER_ENDING_H

#include "db/mask.h"
#include "observation.h"
#include "unit.h"

struct ending_effect {
	const char *name, *key;
	uint64_t unit; /* identity, 0: the harness's */
};

struct ending_reply { /* of a request that changed something */
	uint64_t unit;
	const char *name;
	uint32_t status;
	uint64_t digest; /* of its body */
};

struct ending_exit { /* of a process that is a unit */
	uint64_t unit;
	int64_t status;
};

struct ending {
	uint32_t nimages, neffects, nreplies, nexits;
	struct image **images;
	struct ending_effect *effects;
	struct ending_reply *replies;
	struct ending_exit *exits;
	int32_t status;       /* of the main process */
	bool status_counts;   /* false: exit statuses are not compared */
	struct arena *arena;
	struct image **owned; /* == images when copied */
};

enum ending_scope {
	ENDING_WHOLE,   /* the execution's end */
	ENDING_PARTIAL, /* its end, as far as it can be compared with ENDING_MARKED */
	ENDING_MARKED,  /* as it was before step `until`: marked images, units' effects before it */
};

/*
 * The ending of an execution; its issued ids are marked in the images. With `keep` images and texts are copied, else
 * they are borrowed. NULL when memory is short.
 */
struct ending *ending_open(const struct observation *observation, const struct unit_list *units,
	enum ending_scope scope, uint32_t until, bool keep);

/* Equal endings have equal hashes. Masks the images. 0 when memory is short. */
uint64_t ending_hash(struct ending *ending, const struct mask *mask);

/* How often the effect occurs; the key counts unless NULL. */
uint32_t ending_count(const struct ending *ending, const char *name, const char *key);

/* The reply to this unit, or NULL. */
const struct ending_reply *ending_reply(const struct ending *ending, uint64_t unit);

/* The image of this database, or NULL. */
const struct image *ending_image(const struct ending *ending, const char *database);

void ending_close(struct ending *ending); /* NULL does nothing */

#endif
