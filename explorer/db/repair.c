#include "repair.h"

#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

struct hashed {
	uint64_t hash;
	uint32_t row;
};

struct repair_index {
	const struct image_table *start;
	bool keyed;
	struct hashed *keys; /* ascending, one per row */
};

/* Over all values, or those of the key. Lengths keep ("a", "bc") and ("ab", "c") apart. */
static uint64_t row_hash(const struct image_table *table, const struct image_value *row, bool key)
{
	uint64_t hash = 0;

	for (uint32_t i = 0; i < table->ncolumns; i++) {
		if (key && !(table->columns[i].flags & COLUMN_KEY))
			continue;
		uint64_t pair[2] = {hash, XXH3_64bits_withSeed(row[i].bytes, row[i].nbytes, row[i].nbytes)};
		hash = XXH3_64bits(pair, sizeof pair);
	}
	return hash;
}

static const struct image_value *row_of(const struct image_table *table, uint32_t row)
{
	return table->values + (size_t)row * table->ncolumns;
}

static bool is_equal(const struct image_table *table, const struct image_value *left, const struct image_value *right,
	bool key)
{
	for (uint32_t i = 0; i < table->ncolumns; i++) {
		if (key && !(table->columns[i].flags & COLUMN_KEY))
			continue;
		if (left[i].nbytes != right[i].nbytes || memcmp(left[i].bytes, right[i].bytes, left[i].nbytes) != 0)
			return false;
	}
	return true;
}

static int compare_hashed(const void *left, const void *right)
{
	const struct hashed *l = left, *r = right;

	if (l->hash != r->hash)
		return l->hash < r->hash ? -1 : 1;
	return l->row < r->row ? -1 : l->row > r->row;
}

/* By their content or key; of `which` rows only, NULL: of all. */
static struct hashed *hash_rows(const struct image_table *table, const uint32_t *which, uint32_t n, bool key)
{
	struct hashed *rows = calloc(n + 1UL, sizeof *rows);

	for (uint32_t i = 0; rows && i < n; i++) {
		uint32_t row = which ? which[i] : i;
		rows[i] = (struct hashed){.hash = row_hash(table, row_of(table, row), key), .row = row};
	}
	if (rows)
		qsort(rows, n, sizeof *rows, compare_hashed);
	return rows;
}

struct repair_index *repair_index_open(const struct image_table *start)
{
	struct repair_index *index = calloc(1, sizeof *index);

	if (!index)
		return NULL;
	index->start = start;
	for (uint32_t i = 0; i < start->ncolumns; i++)
		index->keyed = index->keyed || start->columns[i].flags & COLUMN_KEY;
	index->keys = index->keyed ? hash_rows(start, NULL, start->nrows, true) : NULL;
	if (index->keys || !index->keyed)
		return index;
	repair_index_close(index);
	return NULL;
}

void repair_index_close(struct repair_index *index)
{
	if (!index)
		return;
	free(index->keys);
	free(index);
}

uint32_t repair_index_find(const struct repair_index *index, const struct image_value *row)
{
	const struct image_table *start = index->start;
	uint32_t low = 0, high = start->nrows;

	if (!index->keyed)
		return ~0U;
	uint64_t hash = row_hash(start, row, true);
	while (low < high) {
		uint32_t middle = low + (high - low) / 2;
		if (index->keys[middle].hash < hash)
			low = middle + 1;
		else
			high = middle;
	}
	for (; low < start->nrows && index->keys[low].hash == hash; low++)
		if (is_equal(start, row, row_of(start, index->keys[low].row), true))
			return index->keys[low].row;
	return ~0U;
}

static struct repair *repair_new(uint32_t nstart, uint32_t nnow)
{
	struct repair *repair = calloc(1, sizeof *repair);

	if (!repair)
		return NULL;
	repair->extra = calloc(nnow + 1UL, sizeof *repair->extra);
	repair->missing = calloc(nstart + 1UL, sizeof *repair->missing);
	repair->changed = calloc(nnow + 1UL, sizeof *repair->changed);
	repair->replaced = calloc(nnow + 1UL, sizeof *repair->replaced);
	if (repair->extra && repair->missing && repair->changed && repair->replaced)
		return repair;
	repair_close(repair);
	return NULL;
}

void repair_close(struct repair *repair)
{
	if (!repair)
		return;
	free(repair->extra);
	free(repair->missing);
	free(repair->changed);
	free(repair->replaced);
	free(repair);
}

static int compare_numbers(const void *left, const void *right)
{
	uint32_t l = *(const uint32_t *)left, r = *(const uint32_t *)right;

	return l < r ? -1 : l > r;
}

/* A row that is both extra and missing by its key has changed. */
static void pair_by_key(struct repair *repair, const struct repair_index *index, const struct image_table *now)
{
	uint32_t nextra = 0, nmissing = 0;

	if (!index->keyed)
		return;
	qsort(repair->missing, repair->nmissing, sizeof *repair->missing, compare_numbers);
	for (uint32_t i = 0; i < repair->nextra; i++) {
		uint32_t row = repair->extra[i], found = repair_index_find(index, row_of(now, row));
		if (found != ~0U && bsearch(&found, repair->missing, repair->nmissing, sizeof found, compare_numbers))
			repair->changed[repair->nchanged++] = (struct repair_pair){.now = row, .start = found};
		else
			repair->extra[nextra++] = row;
	}
	repair->nextra = nextra;
	for (uint32_t i = 0; i < repair->nchanged; i++)
		repair->replaced[i] = repair->changed[i].start; /* sorted, as scratch */
	qsort(repair->replaced, repair->nchanged, sizeof *repair->replaced, compare_numbers);
	for (uint32_t i = 0; i < repair->nmissing; i++)
		if (!bsearch(&repair->missing[i], repair->replaced, repair->nchanged, sizeof *repair->replaced, compare_numbers))
			repair->missing[nmissing++] = repair->missing[i];
	repair->nmissing = nmissing;
}

/*
 * Rows come in much the same order as at the start: most need but one comparison. Those that don't are left in `missing`
 * and `extra`, whatever they are.
 */
static void walk(struct repair *repair, const struct image_table *start, const struct image_table *now)
{
	uint32_t i = 0, j = 0;

	while (i < start->nrows && j < now->nrows) {
		if (is_equal(start, row_of(start, i), row_of(now, j), false))
			i++, j++;
		else if (i + 1 < start->nrows && is_equal(start, row_of(start, i + 1), row_of(now, j), false))
			repair->missing[repair->nmissing++] = i++;
		else if (j + 1 < now->nrows && is_equal(start, row_of(start, i), row_of(now, j + 1), false))
			repair->extra[repair->nextra++] = j++;
		else {
			repair->missing[repair->nmissing++] = i++;
			repair->extra[repair->nextra++] = j++;
		}
	}
	while (i < start->nrows)
		repair->missing[repair->nmissing++] = i++;
	while (j < now->nrows)
		repair->extra[repair->nextra++] = j++;
}

/* Takes equal rows out of `missing` and `extra`. */
static int match(struct repair *repair, const struct image_table *start, const struct image_table *now)
{
	uint32_t i = 0, j = 0, nstart = repair->nmissing, nnow = repair->nextra;
	struct hashed *then = hash_rows(start, repair->missing, nstart, false);
	struct hashed *rows = hash_rows(now, repair->extra, nnow, false);
	int code = then && rows ? 0 : -1;

	repair->nmissing = repair->nextra = 0;
	while (code == 0 && (i < nstart || j < nnow))
		if (i < nstart && j < nnow && then[i].hash == rows[j].hash)
			i++, j++;
		else if (j >= nnow || (i < nstart && then[i].hash < rows[j].hash))
			repair->missing[repair->nmissing++] = then[i++].row;
		else
			repair->extra[repair->nextra++] = rows[j++].row;
	free(then);
	free(rows);
	return code;
}

struct repair *repair_open(const struct repair_index *index, const struct image_table *now)
{
	struct repair *repair = repair_new(index->start->nrows, now->nrows);

	if (!repair)
		return NULL;
	walk(repair, index->start, now);
	if (repair->nmissing > 0 && repair->nextra > 0 && match(repair, index->start, now) < 0) {
		repair_close(repair);
		return NULL;
	}
	pair_by_key(repair, index, now);
	return repair;
}

struct repair *repair_explain(const struct repair_index *index, const struct image_table *written, uint32_t ngone)
{
	struct repair *repair = index->keyed || ngone == 0 ? repair_new(0, written->nrows) : NULL;

	for (uint32_t i = 0; repair && i < written->nrows; i++) {
		const struct image_value *row = row_of(written, i);
		uint32_t found = repair_index_find(index, row);
		if (found == ~0U) {
			repair->extra[repair->nextra++] = i;
			continue;
		}
		repair->replaced[repair->nreplaced++] = found;
		if (!is_equal(written, row, row_of(index->start, found), false))
			repair->changed[repair->nchanged++] = (struct repair_pair){.now = i, .start = found};
	}
	if (!repair || repair->nreplaced == ngone)
		return repair;
	repair_close(repair);
	return NULL;
}
