/*
 * Issued ids: surrogate keys of rows that were inserted while the units ran. Which unit got which number depends on
 * their order and means nothing. A row that was there before keeps its id: that one is the same in every execution.
 */
#ifndef RACE_EXPLORER_DB_ISSUED_H
#define RACE_EXPLORER_DB_ISSUED_H

#include "../trace_read.h"
#include "image.h"

/*
 * Marks issued ids in the image, and references to them, by changing their type from `i` to `s`. Rows inserted at or
 * after step `first_step` of the trace count; where the trace has no row changes at all, every surrogate counts.
 * Marking twice is harmless. -1 when memory is short.
 */
int issued_mark(struct image *image, const struct trace *trace, uint32_t first_step);

#endif
