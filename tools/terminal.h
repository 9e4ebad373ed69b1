/*
 * What a stream can show: how wide it is, whether box characters and colours are welcome.
 *
 * Colours need a terminal, TERM other than dumb, and no NO_COLOR (no-color.org: set and not empty). Box characters
 * need a UTF-8 locale. The width of a terminal is asked for; COLUMNS overrides; files get 100 columns.
 */
#ifndef RACE_TOOLS_TERMINAL_H
#define RACE_TOOLS_TERMINAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

struct terminal {
	unsigned int width; /* columns, at least 40 */
	bool interactive;   /* a terminal at all */
	bool utf8;
	bool colour;
};

enum colour { COLOUR_PLAIN, COLOUR_BOLD, COLOUR_DIM, COLOUR_RED, COLOUR_GREEN, COLOUR_YELLOW, COLOUR_BLUE };

/* Needs setlocale(LC_CTYPE, "") to have been called. */
void terminal_inspect(FILE *stream, struct terminal *out);

/* The escape sequence that switches to this colour; "" when the terminal has none. */
const char *terminal_colour(const struct terminal *terminal, enum colour colour);

/* Columns that a text occupies. In other than UTF-8 locales one per byte. */
unsigned int terminal_columns(const struct terminal *terminal, const char *text, size_t nbytes);

/* Bytes of the character at `text`, at least 1 (0 at the end); broken UTF-8 counts byte by byte. */
size_t terminal_character(const struct terminal *terminal, const char *text);

/*
 * Writes a text that others made (the target, a file): control characters, and what the locale can't show, become
 * `?`, so that it can't play tricks on the terminal.
 */
void terminal_write(const struct terminal *terminal, FILE *stream, const char *text, size_t nbytes);

#endif
