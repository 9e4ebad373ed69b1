#include "issued.h"

#include <stdlib.h>
#include <string.h>

struct issued {
	int32_t table;
	int64_t id;
};

struct issued_set {
	bool all;
	size_t n;
	struct issued *items; /* ascending */
};

static int compare_issued(const void *left, const void *right)
{
	const struct issued *l = left, *r = right;

	if (l->table != r->table)
		return l->table < r->table ? -1 : 1;
	return l->id < r->id ? -1 : l->id > r->id;
}

static int set_fill(struct issued_set *set, const struct image *image, const struct trace *trace, uint32_t first_step)
{
	set->all = trace->nrows == 0;
	set->items = calloc(trace->nrows + 1UL, sizeof *set->items);
	if (!set->items)
		return -1;
	for (uint32_t i = 0; i < trace->nrows; i++) {
		const struct trace_row *row = &trace->rows[i];
		if (row->change != 'i' || row->at_step < first_step)
			continue;
		int32_t table = image_find_table(image, row->table_name);
		if (table >= 0 && image_surrogate(&image->tables[table]) >= 0)
			set->items[set->n++] = (struct issued){.table = table, .id = row->rowid};
	}
	qsort(set->items, set->n, sizeof *set->items, compare_issued);
	return 0;
}

static bool set_has(const struct issued_set *set, int32_t table, const struct image_value *value)
{
	struct issued wanted = {.table = table, .id = strtoll(value->bytes + 1, NULL, 10)};

	return set->all || bsearch(&wanted, set->items, set->n, sizeof wanted, compare_issued);
}

static void mark_table(struct image *image, uint32_t index, const struct issued_set *set)
{
	struct image_table *table = &image->tables[index];

	for (uint32_t i = 0; i < table->ncolumns; i++) {
		const struct image_column *column = &table->columns[i];
		int32_t owner = column->flags & COLUMN_SURROGATE ? (int32_t)index : column->refers;
		if (!(column->flags & (COLUMN_SURROGATE | COLUMN_REFERENCE)) || owner < 0)
			continue;
		for (uint32_t j = 0; j < table->nrows; j++) {
			struct image_value *value = &table->values[(size_t)j * table->ncolumns + i];
			if (value->bytes[0] == 'i' && set_has(set, owner, value))
				value->bytes[0] = 's';
		}
	}
}

int issued_mark(struct image *image, const struct trace *trace, uint32_t first_step)
{
	struct issued_set set = {0};

	if (set_fill(&set, image, trace, first_step) < 0)
		return -1;
	for (uint32_t i = 0; i < image->ntables; i++)
		mark_table(image, i, &set);
	free(set.items);
	return 0;
}
