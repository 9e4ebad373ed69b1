/*
 * Where results go: the text report to stdout, other formats to the files that were asked for. "-" for one of them
 * puts it on stdout instead of the text.
 */
#ifndef RACE_TOOLS_RESULTS_H
#define RACE_TOOLS_RESULTS_H

#include "invocation.h"
#include "report/document.h"

/*
 * Can the files be written? Asked before a campaign, since afterwards its work would be lost. Returns EXIT_CLEAN, or
 * the exit code to end with after a sentence on stderr.
 */
int results_check(struct invocation *invocation);

/* Does one of them go to stdout? */
bool results_take_stdout(const struct invocation *invocation);

/*
 * Writes all of them; the text only when something was run. -1: one could not be written; a sentence was said.
 */
int results_write(const struct invocation *invocation, const struct document *document);

/* Only the text, or only the files. */
int results_write_text(const struct invocation *invocation, const struct document *document);
int results_write_files(const struct invocation *invocation, const struct document *document);

#endif
