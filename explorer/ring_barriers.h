/*
 * Who came last to a barrier and so did not wait there: under control it does not pass it by a step of its own. The C
 * library tells one thread that it was the one, but any.
 */
#ifndef RACE_EXPLORER_RING_BARRIERS_H
#define RACE_EXPLORER_RING_BARRIERS_H

#include "ring_merge.h"

/* Takes away the passing of those who came last; the moments of the merge are in order. */
void ring_barriers_settle(struct ring_merge *merge);

#endif
