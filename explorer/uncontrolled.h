/*
 * What could not be controlled in an execution, in words: what the report lists, and what a journal keeps of it.
 *
 * Notes are texts that end with NUL, one after another. Each is the number of its reason (enum uncontrolled), a blank,
 * and where or what it was, which may be empty.
 */
#ifndef RACE_EXPLORER_UNCONTROLLED_H
#define RACE_EXPLORER_UNCONTROLLED_H

#include <stddef.h>
#include <stdint.h>

#include "symbols.h"
#include "trace_read.h"

/*
 * The notes of an execution, each different, malloc'ed; none (*nbytes is 0) when all was controlled. A capacity is
 * named; so is an execution that was cut off, unless `judged`, when what it kept doing was a finding. NULL when memory
 * is short.
 */
char *uncontrolled_notes(const struct trace *trace, const struct symbols *symbols, bool judged, size_t *nbytes);

/* The note at *at, which moves on to the next one: its reason and where. False at the end. */
bool uncontrolled_next(const char *notes, size_t nbytes, size_t *at, uint32_t *reason, const char **where);

#endif
