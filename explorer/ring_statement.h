/*
 * When a statement of an observed run took effect. Its event was written before SQLite was called, what came of it
 * afterwards; in between it may have waited for the locks of others. It has its locks at the end, or has given up by then.
 * What it commits is visible before that, and the next who changes a row, which needs the same lock, comes after it.
 */
#ifndef RACE_EXPLORER_RING_STATEMENT_H
#define RACE_EXPLORER_RING_STATEMENT_H

#include "ring_merge.h"

/*
 * Puts the stamps of statements, of the rows that they changed and of what became of their transactions where that
 * belongs. The moments are those of one task after the other. -1: memory is short.
 */
int ring_statement_place(struct ring_moment *moments, uint32_t n, const struct control *control);

#endif
