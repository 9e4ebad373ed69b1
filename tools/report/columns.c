#include "columns.h"

#include <string.h>

#include "phrase.h"

enum { INDENT = 2, GUTTER = 3, LEAST = 26, MOST = 64, LINES_MOST = 6 };

/* One line of one cell. */
struct cell_line {
	const char *text;
	size_t nbytes;
	unsigned int indent;
	enum colour colour;
};

struct cell {
	struct cell_line lines[64];
	uint32_t nlines;
};

struct layout {
	const struct timeline *timeline;
	const struct terminal *terminal;
	FILE *out;
	unsigned int width; /* of one column */
};

uint32_t columns_most(const struct terminal *terminal)
{
	uint32_t most = (terminal->width - INDENT + GUTTER) / (LEAST + GUTTER);

	return most ? most : 1;
}

/* Bytes of text that fit into `columns`: to the last blank that does, or as much as fits. */
static size_t fitting(const struct terminal *terminal, const char *text, unsigned int columns)
{
	unsigned int used = 0;
	size_t at = 0, blank = 0, length;

	while ((length = terminal_character(terminal, text + at))) {
		if (text[at] == '\n')
			return at;
		if (text[at] == ' ')
			blank = at;
		used += terminal_columns(terminal, text + at, length);
		if (used > columns)
			return blank ? blank : at ? at : length;
		at += length;
	}
	return at;
}

static size_t trimmed(const char *text, size_t length)
{
	while (length && text[length - 1] == ' ')
		length--;
	return length;
}

/* Wraps a text into lines of the cell; continuation lines are indented two more. */
static void put(struct cell *cell, const struct layout *layout, const char *text, unsigned int indent,
	enum colour colour)
{
	const uint32_t most = sizeof(cell->lines) / sizeof(cell->lines[0]);
	uint32_t count = 0;
	size_t length;

	while (*text && cell->nlines < most) {
		if (count == LINES_MOST) {
			cell->lines[cell->nlines++] = (struct cell_line){"...", 3, indent, colour};
			return;
		}
		length = fitting(layout->terminal, text, layout->width - indent);
		cell->lines[cell->nlines++] = (struct cell_line){text, trimmed(text, length), indent, colour};
		text += length;
		text += strspn(text, " \n");
		if (count++ == 0)
			indent += 2;
	}
}

static enum colour colour_of(enum entry_kind kind)
{
	switch (kind) {
	case ENTRY_FAILURE: case ENTRY_BLOCKED: return COLOUR_RED;
	case ENTRY_EFFECT: case ENTRY_PREEMPTION: return COLOUR_YELLOW;
	case ENTRY_LABEL: case ENTRY_GAP: return COLOUR_DIM;
	default: return COLOUR_PLAIN;
	}
}

static const char *place_of(struct pool *pool, const struct timeline_entry *entry)
{
	const char *place = entry->file ? pool_print(pool, "%s:%u", phrase_base(entry->file), entry->line) : "";

	if (!entry->function || !*entry->function)
		return *place ? place : NULL;
	/* C++ names have their parameters */
	bool whole = entry->function[strlen(entry->function) - 1] == ')';
	return pool_print(pool, "%s%s%s%s", entry->function, whole ? "" : "()", *place ? " " : "", place);
}

static void fill_cell(struct cell *cell, const struct layout *layout, struct pool *pool,
	const struct timeline_entry *entry)
{
	const char *place = place_of(pool, entry), *arrow = layout->terminal->utf8 ? "⇢" : ">";
	uint32_t detail;

	cell->nlines = 0;
	if (entry->kind == ENTRY_PREEMPTION) {
		put(cell, layout, pool_print(pool, "%s %s", arrow, entry->text), 0, COLOUR_YELLOW);
		return;
	}
	put(cell, layout, entry->text, 0, colour_of(entry->kind));
	for (detail = 0; detail < entry->ndetails; detail++)
		put(cell, layout, entry->details[detail], 2 + (unsigned int)strspn(entry->details[detail], " "),
			COLOUR_BLUE);
	if (place)
		put(cell, layout, place, 2, COLOUR_DIM);
}

static const char *bar(const struct layout *layout)
{
	return layout->terminal->utf8 ? "│" : "|";
}

static void blanks(FILE *out, unsigned int count)
{
	fprintf(out, "%*s", (int)count, "");
}

/* One line over all columns with `line` in one of them. Nothing is written behind the last thing to be seen. */
static void print_line(const struct layout *layout, uint32_t column, const struct cell_line *line)
{
	const struct terminal *terminal = layout->terminal;
	uint32_t index, ncolumns = layout->timeline->ncolumns;
	unsigned int used;
	const char *text = line->text;
	size_t nbytes = line->nbytes;

	blanks(layout->out, INDENT);
	for (index = 0; index < ncolumns; index++) {
		used = 0;
		if (index == column) {
			while (nbytes && *text == ' ')
				text++, nbytes--;
			blanks(layout->out, line->indent);
			fputs(line->colour == COLOUR_PLAIN ? "" : terminal_colour(terminal, line->colour), layout->out);
			terminal_write(terminal, layout->out, text, nbytes);
			fputs(line->colour == COLOUR_PLAIN ? "" : terminal_colour(terminal, COLOUR_PLAIN), layout->out);
			used = line->indent + terminal_columns(terminal, text, nbytes);
		}
		if (index + 1 == ncolumns)
			break;
		blanks(layout->out, layout->width > used ? layout->width - used : 0);
		fprintf(layout->out, " %s%s", bar(layout), index + 2 < ncolumns || column == index + 1 ? " " : "");
	}
	putc('\n', layout->out);
}

static void print_rule(const struct layout *layout)
{
	const char *stroke = layout->terminal->utf8 ? "─" : "-", *cross = layout->terminal->utf8 ? "┼" : "+";
	uint32_t column;
	unsigned int index;

	blanks(layout->out, INDENT);
	for (column = 0; column < layout->timeline->ncolumns; column++) {
		if (column)
			fprintf(layout->out, "%s%s%s", stroke, cross, stroke);
		for (index = 0; index < layout->width; index++)
			fputs(stroke, layout->out);
	}
	putc('\n', layout->out);
}

static void print_head(const struct layout *layout)
{
	const struct terminal *terminal = layout->terminal;
	const struct timeline *timeline = layout->timeline;
	uint32_t column;
	unsigned int used;
	size_t length;

	blanks(layout->out, INDENT);
	for (column = 0; column < timeline->ncolumns; column++) {
		length = fitting(terminal, timeline->columns[column], layout->width);
		used = terminal_columns(terminal, timeline->columns[column], length);
		fputs(terminal_colour(terminal, COLOUR_BOLD), layout->out);
		terminal_write(terminal, layout->out, timeline->columns[column], length);
		fputs(terminal_colour(terminal, COLOUR_PLAIN), layout->out);
		if (column + 1 == timeline->ncolumns)
			break;
		blanks(layout->out, layout->width - used);
		fprintf(layout->out, " %s ", bar(layout));
	}
	putc('\n', layout->out);
	print_rule(layout);
}

static void print_columns(const struct layout *layout, struct pool *pool)
{
	const struct timeline *timeline = layout->timeline;
	struct cell cell;
	uint32_t index, line;

	print_head(layout);
	for (index = 0; index < timeline->nentries; index++) {
		if (timeline->entries[index].column >= timeline->ncolumns)
			continue;
		fill_cell(&cell, layout, pool, &timeline->entries[index]);
		for (line = 0; line < cell.nlines; line++)
			print_line(layout, timeline->entries[index].column, &cell.lines[line]);
	}
}

/* Too many tasks for columns: one after the other, with the name in front where it changes. */
static void print_list(const struct layout *layout, struct pool *pool)
{
	const struct timeline *timeline = layout->timeline;
	const struct terminal *terminal = layout->terminal;
	const struct timeline_entry *entry;
	struct cell cell;
	uint32_t index, line, last = UINT32_MAX;

	for (index = 0; index < timeline->nentries; index++) {
		entry = &timeline->entries[index];
		if (entry->column >= timeline->ncolumns)
			continue;
		if (entry->column != last) {
			fprintf(layout->out, "  %s", terminal_colour(terminal, COLOUR_BOLD));
			terminal_write(terminal, layout->out, timeline->columns[entry->column], SIZE_MAX);
			fprintf(layout->out, "%s\n", terminal_colour(terminal, COLOUR_PLAIN));
		}
		last = entry->column;
		fill_cell(&cell, layout, pool, entry);
		for (line = 0; line < cell.nlines; line++) {
			blanks(layout->out, 4 + cell.lines[line].indent);
			terminal_write(terminal, layout->out, cell.lines[line].text, cell.lines[line].nbytes);
			putc('\n', layout->out);
		}
	}
}

void columns_print(const struct timeline *timeline, const struct terminal *terminal, FILE *out)
{
	struct layout layout = {.timeline = timeline, .terminal = terminal, .out = out};
	struct pool *pool;

	if (!timeline->ncolumns || !timeline->nentries)
		return;
	pool = pool_open();
	if (timeline->ncolumns > columns_most(terminal)) {
		layout.width = terminal->width - 4;
		print_list(&layout, pool);
	} else {
		layout.width = (terminal->width - INDENT + GUTTER) / timeline->ncolumns - GUTTER;
		if (layout.width > MOST)
			layout.width = MOST;
		print_columns(&layout, pool);
	}
	pool_close(pool);
}

void columns_wrap(const char *text, unsigned int indent, const struct terminal *terminal, FILE *out)
{
	size_t length;

	while (*text) {
		length = fitting(terminal, text, terminal->width - indent);
		blanks(out, indent);
		terminal_write(terminal, out, text, length);
		putc('\n', out);
		text += length;
		text += strspn(text, " \n");
	}
}
