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

/*
 * What is to be said first when the oracle had nothing to compare, because no two units overlapped; NULL otherwise. Where
 * tasks were interleaved all the same, as within one unit, it says that, too.
 */
const char *summary_notice(struct pool *pool, const struct document *document);

const struct summary *summary_build(struct pool *pool, const struct document *document);

#endif
