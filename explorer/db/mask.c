#include "mask.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <xxhash.h>

#include "digest.h"

struct mask_entry {
	char *text;     /* "table", "table.column" or "effect NAME" */
	uint32_t flags; /* of the column; 0: the whole table, or an effect */
	bool learned;
};

struct mask {
	uint32_t nentries;
	struct mask_entry *entries;
};

static int entry_add(struct mask *mask, char *text, uint32_t flags, bool learned)
{
	struct mask_entry *grown = text ? realloc(mask->entries, (mask->nentries + 1UL) * sizeof *grown) : NULL;

	if (!grown) {
		free(text);
		return -1;
	}
	mask->entries = grown;
	grown[mask->nentries++] = (struct mask_entry){.text = text, .flags = flags, .learned = learned};
	return 0;
}

struct mask *mask_open(const char *const *ignores)
{
	struct mask *mask = calloc(1, sizeof *mask);

	for (uint32_t i = 0; mask && ignores && ignores[i]; i++) {
		if (entry_add(mask, strdup(ignores[i]), strchr(ignores[i], '.') ? COLUMN_IGNORED : 0, false) < 0) {
			mask_close(mask);
			return NULL;
		}
	}
	return mask;
}

/* Flags of the first entry with this text; ~0: there is none. */
static uint32_t entry_flags(const struct mask *mask, const char *text)
{
	for (uint32_t i = 0; i < mask->nentries; i++)
		if (strcasecmp(mask->entries[i].text, text) == 0)
			return mask->entries[i].flags;
	return ~0U;
}

void mask_apply(const struct mask *mask, struct image *image)
{
	char text[1024];

	for (uint32_t i = 0; i < image->ntables; i++) {
		struct image_table *table = &image->tables[i];
		table->ignored = table->ignored || entry_flags(mask, table->name) == 0;
		for (uint32_t j = 0; j < table->ncolumns; j++) {
			snprintf(text, sizeof text, "%s.%s", table->name, table->columns[j].name);
			uint32_t flags = entry_flags(mask, text);
			if (flags != ~0U)
				table->columns[j].flags |= flags;
		}
	}
}

/* Seconds, ms, us or ns since 1970, from 2023 on: what a virtual clock gives (and a few decades later). */
static bool is_epoch(const char *digits, size_t ndigits)
{
	return (ndigits == 10 || ndigits == 13 || ndigits == 16 || ndigits == 19) && digits[0] == '1' && digits[1] >= '6';
}

static size_t digit_run(const char *bytes, size_t nbytes)
{
	size_t n = 0;

	while (n < nbytes && isdigit((unsigned char)bytes[n]))
		n++;
	return n;
}

/* A date, a time of day or an epoch within a text. */
static bool has_time(const char *bytes, size_t nbytes)
{
	for (size_t i = 0; i < nbytes; i++) {
		size_t run = digit_run(bytes + i, nbytes - i);
		if (run == 0)
			continue;
		char next = i + run < nbytes ? bytes[i + run] : 0;
		size_t second = next ? digit_run(bytes + i + run + 1, nbytes - i - run - 1) : 0;
		if (is_epoch(bytes + i, run) || (run == 4 && second == 2 && (next == '-' || next == '/')) ||
		    (run == 2 && second == 2 && next == ':'))
			return true;
		i += run;
	}
	return false;
}

/* Does the value look drawn at random, so that finding it twice means something? */
static bool is_token(const struct image_value *value)
{
	const char *bytes = value->bytes + 1;
	size_t nbytes = value->nbytes - 1;

	if (value->bytes[0] == 'i' && nbytes && bytes[0] == '-')
		bytes++, nbytes--;
	switch (value->bytes[0]) {
	case 'i': return nbytes >= 10 && !is_epoch(bytes, nbytes);
	case 't': return nbytes >= 8 && !has_time(bytes, nbytes);
	case 'b': return nbytes >= 8;
	default: return false;
	}
}

static bool column_is_random(const struct image_table *table, uint32_t column)
{
	for (uint32_t i = 0; i < table->nrows; i++) {
		const struct image_value *value = &table->values[(size_t)i * table->ncolumns + column];
		if (value->nbytes > 1 && value->bytes[0] != 's' && !is_token(value))
			return false;
	}
	return true;
}

/* Sum over the column's values, whatever their order; ids that were handed out count as equal. */
static uint64_t column_sum(const struct image_table *table, uint32_t column)
{
	uint64_t sum = 0;

	for (uint32_t i = 0; i < table->nrows; i++) {
		const struct image_value *value = &table->values[(size_t)i * table->ncolumns + column];
		if (value->bytes[0] != 's')
			sum += XXH3_64bits(value->bytes, value->nbytes);
	}
	return sum;
}

static int learn_column(struct mask *mask, const struct image_table *left, const struct image_table *right, uint32_t i)
{
	bool random = column_is_random(left, i) && column_is_random(right, i);
	char *text;

	if (asprintf(&text, "%s.%s", left->name, left->columns[i].name) < 0)
		return -1;
	return entry_add(mask, text, random ? COLUMN_VOLATILE : COLUMN_HIDDEN, true);
}

/* Columns whose values differ as a whole; with `all` every one that is still compared. */
static int learn_columns(struct mask *mask, const struct image_table *left, const struct image_table *right, bool all)
{
	const uint32_t masked = COLUMN_IGNORED | COLUMN_VOLATILE | COLUMN_HIDDEN;
	int n = 0;

	for (uint32_t i = 0; i < left->ncolumns; i++) {
		if (left->columns[i].flags & masked)
			continue;
		if (all ? left->columns[i].flags & COLUMN_KEY : column_sum(left, i) == column_sum(right, i))
			continue;
		if (learn_column(mask, left, right, i) < 0)
			return -1;
		n++;
	}
	return n;
}

static int learn_table(struct mask *mask, const struct image *left, const struct image *right,
	const struct digest_difference *difference, bool all)
{
	const struct image_table *l = difference->left_table < 0 ? NULL : &left->tables[difference->left_table];
	const struct image_table *r = difference->right_table < 0 ? NULL : &right->tables[difference->right_table];

	if (l && r && l->nrows == r->nrows && l->ncolumns == r->ncolumns)
		return learn_columns(mask, l, r, all);
	/* the number of rows itself is a matter of chance */
	return entry_add(mask, strdup(difference->table), 0, true) < 0 ? -1 : 1;
}

static int learn_round(struct mask *mask, struct image *left, struct image *right, bool all)
{
	struct digest_difference differences[64];
	int n = digest_difference(left, right, differences, 64), learned = 0;

	for (int i = 0; i < n && i < 64; i++) {
		int more = learn_table(mask, left, right, &differences[i], all);
		if (more < 0)
			return -1;
		learned += more;
	}
	mask_apply(mask, left);
	mask_apply(mask, right);
	return n < 0 ? -1 : learned;
}

int mask_learn(struct mask *mask, struct image *left, struct image *right)
{
	int direct = learn_round(mask, left, right, false);
	/* the same values, but spread over the rows in another way */
	int rest = direct < 0 ? -1 : learn_round(mask, left, right, true);

	return rest < 0 ? -1 : direct + rest;
}

int mask_hide_effect(struct mask *mask, const char *name)
{
	char *text;

	if (mask_hides_effect(mask, name))
		return 0;
	return asprintf(&text, "effect %s", name) < 0 ? -1 : entry_add(mask, text, 0, true);
}

bool mask_hides_effect(const struct mask *mask, const char *name)
{
	for (uint32_t i = 0; i < mask->nentries; i++)
		if (strncmp(mask->entries[i].text, "effect ", 7) == 0 && strcmp(mask->entries[i].text + 7, name) == 0)
			return true;
	return false;
}

const char *mask_learned(const struct mask *mask, uint32_t nth)
{
	for (uint32_t i = 0; i < mask->nentries; i++)
		if (mask->entries[i].learned && nth-- == 0)
			return mask->entries[i].text;
	return NULL;
}

void mask_close(struct mask *mask)
{
	if (!mask)
		return;
	for (uint32_t i = 0; i < mask->nentries; i++)
		free(mask->entries[i].text);
	free(mask->entries);
	free(mask);
}
