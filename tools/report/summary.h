/*
 * The honest ending: what was explored, how finely, what of it was completed, and what it can't say. Labelled lines
 * that text and HTML show alike. It never says that there are no bugs.
 */
#ifndef RACE_TOOLS_SUMMARY_H
#define RACE_TOOLS_SUMMARY_H

#include "document.h"

struct summary_line {
	const char *label, *text;
};

struct summary {
	uint32_t nlines;
	struct summary_line *lines;
};

const struct summary *summary_build(struct pool *pool, const struct document *document);

#endif
