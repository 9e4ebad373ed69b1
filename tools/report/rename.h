/*
 * Objects in sentences: the explorer numbers them by kind ("mutex#2"); where symbols know the variable, its name is
 * put instead ("accounts").
 */
#ifndef RACE_TOOLS_RENAME_H
#define RACE_TOOLS_RENAME_H

#include "../pool.h"
#include "../symbolise.h"
#include "explorer/trace_read.h"

/* The text with the objects of the trace renamed; the text itself when there is nothing to rename. NULL gives NULL. */
const char *rename_objects(struct pool *pool, const char *text, const struct trace *trace,
	struct symbolise *symbolise);

#endif
