/*
 * Reports: one file per format, each a const vtable. A new one is a file here and a row in report.c.
 */
#ifndef RACE_TOOLS_REPORT_H
#define RACE_TOOLS_REPORT_H

#include <stdio.h>

#include "../terminal.h"
#include "document.h"

struct report {
	const char *name;
	/* Begins: what stands before the findings. The state is passed on; never NULL. */
	void *(*open)(const struct document *document, const struct terminal *terminal, FILE *out);
	/* One finding; NULL: not interested. */
	void (*finding)(void *state, const struct document_finding *finding);
	/* What stands after them; frees the state. */
	void (*end)(void *state);
};

extern const struct report report_html, report_json, report_junit, report_sarif, report_text;

/* The format with this name, or NULL; report_word(index) names them. */
const struct report *report_find(const char *name);
const char *report_word(uint32_t index);

/* Writes the whole document. -1 when the stream had an error. */
int report_write(const struct report *report, const struct document *document, const struct terminal *terminal,
	FILE *out);

/*
 * The same into a file, which only takes its name once it is complete. -1 when it can't be written; a sentence has
 * gone to stderr. "-" is standard output.
 */
int report_save(const struct report *report, const struct document *document, const char *path);

#endif
