/*
 * Dependence: do two operations commute?
 *
 * Two operations of different tasks are dependent when they act on a common object and not both only read it.
 * The relation is sound: when it says independent, swapping the two neighbours changes no later behaviour.
 *
 * Time is no object: operations that only let it pass, or end with it, are compared by what else they touch.
 *
 * Statements of one SQLite file share more than rows: its one write lock, and readers that keep a writer from
 * committing. Two of them are independent only when both just read, or one is a deferred BEGIN, which does nothing yet.
 * Who asks about data alone asks dependence_footprints(), where an unknown footprint conflicts with everything.
 */
#ifndef RACE_SHARED_DEPENDENCE_H
#define RACE_SHARED_DEPENDENCE_H

#include <stdbool.h>

#include "statement.h"
#include "world.h"

/* `statements` may be NULL: then database operations on one object are dependent. */
bool dependence_requests(const struct request *left, const struct request *right, const struct statement *statements);

/* Do two footprints conflict: a table (or the schema) written by one is read or written by the other? */
bool dependence_footprints(const struct statement *left, const struct statement *right);

#endif
