/*
 * The mask: what is not compared between executions. It holds what --ignore names, and what was learned from two
 * serial executions of one order that ran with different clocks and seeds: whatever differs between them says nothing
 * about the interleaving.
 *
 * A learned column is hidden (COLUMN_HIDDEN) when its values look like times, durations or small numbers: two of them
 * may be equal by accident. Where they look drawn at random (uuids, tokens), equality means something: the column
 * becomes COLUMN_VOLATILE.
 */
#ifndef RACE_EXPLORER_DB_MASK_H
#define RACE_EXPLORER_DB_MASK_H

#include "image.h"

struct mask;

/* `ignores`: table or table.column, NULL-ended, may be NULL. NULL when memory is short. */
struct mask *mask_open(const char *const *ignores);

/* Sets the flags of the image's tables and columns. */
void mask_apply(const struct mask *mask, struct image *image);

/*
 * Learns from two images that ought to be equal; both have been masked and are masked again. Returns the number of
 * tables and columns newly masked, -1 when memory is short.
 */
int mask_learn(struct mask *mask, struct image *left, struct image *right);

/* Keys of effects with this name are not compared. -1 when memory is short. */
int mask_hide_effect(struct mask *mask, const char *name);
bool mask_hides_effect(const struct mask *mask, const char *name);

/* The nth learned entry as "table", "table.column" or "effect NAME", NULL after the last; owned by the mask. */
const char *mask_learned(const struct mask *mask, uint32_t nth);

void mask_close(struct mask *mask); /* NULL does nothing */

#endif
