/*
 * Command lines as text: what a person can paste into a shell, and back.
 */
#ifndef RACE_TOOLS_COMMAND_LINE_H
#define RACE_TOOLS_COMMAND_LINE_H

#include "pool.h"

/* One word, quoted for a POSIX shell where it must be. */
char *command_line_quote(struct pool *pool, const char *word);

/* The words of a NULL-ended vector, quoted and joined by blanks. */
char *command_line_join(struct pool *pool, char *const *words);

/*
 * Splits a text into a NULL-ended vector as a shell would: blanks separate; '...', "..." and backslash quote;
 * nothing is expanded. NULL when a quote is not closed.
 */
char **command_line_split(struct pool *pool, const char *text, uint32_t *nwords);

#endif
