/*
 * A timeline on a terminal: one column per task, side by side; a list where the columns would get too narrow.
 */
#ifndef RACE_TOOLS_COLUMNS_H
#define RACE_TOOLS_COLUMNS_H

#include <stdio.h>

#include "../terminal.h"
#include "timeline.h"

/* How many columns fit this terminal readably; at least 1. */
uint32_t columns_most(const struct terminal *terminal);

void columns_print(const struct timeline *timeline, const struct terminal *terminal, FILE *out);

/* Writes a text wrapped at blanks, each line behind `indent` blanks, and a line end. */
void columns_wrap(const char *text, unsigned int indent, const struct terminal *terminal, FILE *out);

#endif
