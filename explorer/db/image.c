#include "image.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "../arena.h"

struct image *image_new(const char *database)
{
	struct image *image = calloc(1, sizeof *image);

	if (!image)
		return NULL;
	image->arena = arena_open();
	image->database = image->arena ? arena_text(image->arena, database, strlen(database)) : NULL;
	if (!image->database) {
		image_close(image);
		return NULL;
	}
	return image;
}

int image_make_room(struct image *image, uint32_t ntables)
{
	image->tables = arena_array(image->arena, ntables, sizeof *image->tables);
	return image->tables ? 0 : -1;
}

int image_add_table(struct image *image, const char *name, const struct image_column *columns, uint32_t ncolumns)
{
	struct image_table *table = &image->tables[image->ntables];

	table->name = arena_text(image->arena, name, strlen(name));
	table->ncolumns = ncolumns;
	table->columns = arena_array(image->arena, ncolumns, sizeof *table->columns);
	if (!table->name || !table->columns)
		return -1;
	for (uint32_t i = 0; i < ncolumns; i++) {
		table->columns[i] = columns[i];
		table->columns[i].name = arena_text(image->arena, columns[i].name, strlen(columns[i].name));
		if (!table->columns[i].name)
			return -1;
	}
	image->ntables++;
	return 0;
}

static int table_copy(struct arena *arena, struct image_table *to, const struct image_table *from)
{
	size_t nvalues = (size_t)from->nrows * from->ncolumns;

	*to = *from;
	to->name = arena_text(arena, from->name, strlen(from->name));
	to->columns = arena_array(arena, from->ncolumns, sizeof *to->columns);
	to->values = arena_array(arena, nvalues, sizeof *to->values);
	if (!to->name || !to->columns || !to->values)
		return -1;
	for (uint32_t i = 0; i < from->ncolumns; i++) {
		to->columns[i] = from->columns[i];
		to->columns[i].name = arena_text(arena, from->columns[i].name, strlen(from->columns[i].name));
		if (!to->columns[i].name)
			return -1;
	}
	for (size_t i = 0; i < nvalues; i++) {
		to->values[i].nbytes = from->values[i].nbytes;
		to->values[i].bytes = arena_text(arena, from->values[i].bytes, from->values[i].nbytes);
		if (!to->values[i].bytes)
			return -1;
	}
	return 0;
}

struct image *image_copy(const struct image *image)
{
	struct image *copy = image_new(image->database);

	if (!copy)
		return NULL;
	copy->tables = arena_array(copy->arena, image->ntables, sizeof *copy->tables);
	if (!copy->tables)
		goto fail;
	for (; copy->ntables < image->ntables; copy->ntables++)
		if (table_copy(copy->arena, &copy->tables[copy->ntables], &image->tables[copy->ntables]) < 0)
			goto fail;
	return copy;
fail:
	image_close(copy);
	return NULL;
}

int32_t image_find_table(const struct image *image, const char *name)
{
	for (uint32_t i = 0; i < image->ntables; i++)
		if (strcasecmp(image->tables[i].name, name) == 0)
			return (int32_t)i;
	return -1;
}

int32_t image_find_column(const struct image_table *table, const char *name)
{
	for (uint32_t i = 0; i < table->ncolumns; i++)
		if (strcasecmp(table->columns[i].name, name) == 0)
			return (int32_t)i;
	return -1;
}

int32_t image_surrogate(const struct image_table *table)
{
	for (uint32_t i = 0; i < table->ncolumns; i++)
		if (table->columns[i].flags & COLUMN_SURROGATE)
			return (int32_t)i;
	return -1;
}

/* Is `stem` the table's name, or its singular? English plurals only: -s, -es, and -ies for -y. */
static bool stem_names(const char *stem, size_t length, const char *table)
{
	static const char *const endings[] = {"", "s", "es"};

	if (length == 0)
		return false;
	for (size_t i = 0; i < sizeof endings / sizeof *endings; i++)
		if (strncasecmp(stem, table, length) == 0 && strcasecmp(table + length, endings[i]) == 0)
			return true;
	return tolower((unsigned char)stem[length - 1]) == 'y' && strncasecmp(stem, table, length - 1) == 0 &&
		strcasecmp(table + length - 1, "ies") == 0;
}

/* The table that a column of this name refers to, -1: none. */
static int32_t referred_table(const struct image *image, const char *column)
{
	size_t length = strlen(column);

	if (length < 3 || strcasecmp(column + length - 2, "id") != 0)
		return -1;
	length -= column[length - 3] == '_' ? 3 : 2;
	for (uint32_t i = 0; i < image->ntables; i++)
		if (image_surrogate(&image->tables[i]) >= 0 && stem_names(column, length, image->tables[i].name))
			return (int32_t)i;
	return -1;
}

void image_link(struct image *image)
{
	for (uint32_t i = 0; i < image->ntables; i++) {
		struct image_table *table = &image->tables[i];
		for (uint32_t j = 0; j < table->ncolumns; j++) {
			struct image_column *column = &table->columns[j];
			if (column->flags & (COLUMN_SURROGATE | COLUMN_REFERENCE))
				continue;
			column->refers = referred_table(image, column->name);
			if (column->refers >= 0)
				column->flags |= COLUMN_REFERENCE;
		}
	}
}

void image_refer(struct image *image, const char *table, const char *column, const char *refers, const char *key)
{
	int32_t from = image_find_table(image, table), to = image_find_table(image, refers);
	int32_t index = from >= 0 ? image_find_column(&image->tables[from], column) : -1;
	int32_t surrogate = to >= 0 ? image_surrogate(&image->tables[to]) : -1;

	if (index < 0 || surrogate < 0 || surrogate != image_find_column(&image->tables[to], key) ||
		image->tables[from].columns[index].flags & COLUMN_SURROGATE)
		return;
	image->tables[from].columns[index].flags |= COLUMN_REFERENCE;
	image->tables[from].columns[index].refers = to;
}

static size_t count_bytes(const struct image_table *table)
{
	size_t nbytes = 0;

	for (size_t i = 0; table && i < (size_t)table->nrows * table->ncolumns; i++)
		nbytes += table->values[i].nbytes + 1UL;
	return nbytes;
}

/* Copies rows `first` to `end` behind those that are there; the texts to `bytes`, whose new end is returned. */
static char *append(struct image_table *to, const struct image_table *from, uint32_t first, uint32_t end, char *bytes)
{
	struct image_value *value = to->values + (size_t)to->nrows * to->ncolumns;

	for (size_t i = (size_t)first * from->ncolumns; i < (size_t)end * from->ncolumns; i++, value++) {
		*value = (struct image_value){.bytes = bytes, .nbytes = from->values[i].nbytes};
		bytes = mempcpy(bytes, from->values[i].bytes, from->values[i].nbytes);
		*bytes++ = '\0';
	}
	to->nrows += end - first;
	return bytes;
}

static int compare_rows(const void *left, const void *right)
{
	uint32_t l = *(const uint32_t *)left, r = *(const uint32_t *)right;

	return l < r ? -1 : l > r;
}

int image_merge(struct image *image, uint32_t table, const struct image_table *from, const uint32_t *without,
	uint32_t nwithout, const struct image_table *more)
{
	struct image_table *to = &image->tables[table];
	size_t nrows = (size_t)from->nrows + (more ? more->nrows : 0);
	char *bytes = arena_take(image->arena, count_bytes(from) + count_bytes(more));
	uint32_t *left_out = arena_array(image->arena, nwithout, sizeof *left_out), next = 0;

	to->nrows = 0;
	to->values = arena_array(image->arena, nrows * to->ncolumns, sizeof *to->values);
	if (!to->values || !bytes || !left_out)
		return -1;
	for (uint32_t i = 0; i < nwithout; i++)
		left_out[i] = without[i];
	qsort(left_out, nwithout, sizeof *left_out, compare_rows);
	for (uint32_t i = 0; i < nwithout; i++) {
		bytes = append(to, from, next, left_out[i], bytes);
		next = left_out[i] + 1;
	}
	bytes = append(to, from, next, from->nrows, bytes);
	if (more)
		append(to, more, 0, more->nrows, bytes);
	return 0;
}

struct image *image_finish(struct image *image, bool whole)
{
	if (whole) {
		image_link(image);
		return image;
	}
	image_close(image);
	return NULL;
}

void image_close(struct image *image)
{
	if (!image)
		return;
	arena_close(image->arena);
	free(image);
}
