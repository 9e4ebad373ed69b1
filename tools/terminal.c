#include "terminal.h"

#include <langinfo.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <wchar.h>

enum { WIDTH_LEAST = 40, WIDTH_FILE = 100, WIDTH_MOST = 400 };

static unsigned int width_of(int fd, bool interactive)
{
	const char *columns = getenv("COLUMNS");
	struct winsize size;
	long width = columns ? strtol(columns, NULL, 10) : 0;

	if (width <= 0 && interactive && ioctl(fd, TIOCGWINSZ, &size) == 0)
		width = size.ws_col;
	if (width <= 0)
		width = WIDTH_FILE;
	if (width < WIDTH_LEAST)
		width = WIDTH_LEAST;
	return width > WIDTH_MOST ? WIDTH_MOST : (unsigned int)width;
}

static bool wants_colour(bool interactive)
{
	const char *forbidden = getenv("NO_COLOR"), *term = getenv("TERM");

	if (!interactive || (forbidden && *forbidden))
		return false;
	return term && strcmp(term, "dumb") != 0;
}

void terminal_inspect(FILE *stream, struct terminal *out)
{
	int fd = fileno(stream);

	out->interactive = fd >= 0 && isatty(fd);
	out->width = width_of(fd, out->interactive);
	out->utf8 = strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
	out->colour = wants_colour(out->interactive);
}

const char *terminal_colour(const struct terminal *terminal, enum colour colour)
{
	static const char *const codes[] = {
		[COLOUR_PLAIN] = "\033[0m", [COLOUR_BOLD] = "\033[1m", [COLOUR_DIM] = "\033[2m",
		[COLOUR_RED] = "\033[1;31m", [COLOUR_GREEN] = "\033[1;32m", [COLOUR_YELLOW] = "\033[1;33m",
		[COLOUR_BLUE] = "\033[36m",
	};

	return terminal->colour ? codes[colour] : "";
}

/* Decodes one character (RFC 3629); 0 when the bytes are no UTF-8. */
static uint32_t decode(const unsigned char *text, size_t *nbytes)
{
	static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
	uint32_t value;
	size_t length, index;

	*nbytes = 1;
	if (text[0] < 0x80)
		return text[0];
	length = text[0] >= 0xf0 ? 4 : text[0] >= 0xe0 ? 3 : text[0] >= 0xc2 ? 2 : 0;
	if (!length || text[0] > 0xf4)
		return 0;
	value = text[0] & (0x7fU >> length);
	for (index = 1; index < length; index++) {
		if ((text[index] & 0xc0) != 0x80)
			return 0;
		value = value << 6 | (text[index] & 0x3f);
	}
	if (value < least[length] || value > 0x10ffff || (value >= 0xd800 && value < 0xe000))
		return 0;
	*nbytes = length;
	return value;
}

size_t terminal_character(const struct terminal *terminal, const char *text)
{
	size_t nbytes;

	if (!*text)
		return 0;
	if (!terminal->utf8)
		return 1;
	decode((const unsigned char *)text, &nbytes);
	return nbytes;
}

/* Invisible characters that make a text read differently from what it is: direction marks, joiners, tags. */
static bool is_treacherous(uint32_t value)
{
	static const struct { uint32_t first, last; } ranges[] = {
		{0, 0x1f}, {0x7f, 0x9f}, {0xad, 0xad}, {0x61c, 0x61c}, {0x200b, 0x200f}, {0x2028, 0x202e}, {0x2060, 0x206f},
		{0xfeff, 0xfeff}, {0xfff9, 0xfffb}, {0xe0000, 0xe0fff},
	};
	size_t index;

	for (index = 0; index < sizeof(ranges) / sizeof(ranges[0]); index++)
		if (value >= ranges[index].first && value <= ranges[index].last)
			return true;
	return false;
}

/* Columns of one character; -1: it must not be shown as it is. */
static int columns_of(const struct terminal *terminal, const char *text, size_t *nbytes)
{
	uint32_t value;
	int columns;

	if (!terminal->utf8) {
		*nbytes = 1;
		return *text >= 0x20 && *text < 0x7f ? 1 : -1;
	}
	value = decode((const unsigned char *)text, nbytes);
	if (is_treacherous(value))
		return -1;
	columns = wcwidth((wchar_t)value);
	return columns < 0 ? 1 : columns; /* younger than the C library's tables */
}

unsigned int terminal_columns(const struct terminal *terminal, const char *text, size_t nbytes)
{
	unsigned int total = 0;
	size_t at = 0, length;
	int columns;

	while (at < nbytes && text[at]) {
		columns = columns_of(terminal, text + at, &length);
		total += columns < 0 ? 1 : (unsigned int)columns;
		at += length;
	}
	return total;
}

void terminal_write(const struct terminal *terminal, FILE *stream, const char *text, size_t nbytes)
{
	size_t at = 0, length;

	while (at < nbytes && text[at]) {
		if (columns_of(terminal, text + at, &length) < 0)
			putc('?', stream);
		else
			fwrite(text + at, 1, length, stream);
		at += length;
	}
}
