#include "classify.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "db/digest.h"

enum { DIFFERENCES = 64, SMALL_NUMBER = 1000000 };

const char *anomaly_text(enum anomaly anomaly)
{
	static const char *const texts[] = {
#define X(identifier, text) [ANOMALY_##identifier] = text,
		ANOMALIES(X)
#undef X
	};

	return texts[anomaly];
}

static bool is_whole(const struct reference *reference)
{
	return reference->usable && !reference->marked;
}

/* Sets least and most over all references from a count of each. */
static void count_references(const struct explain_question *question, struct classification *out,
	uint32_t (*count)(const struct ending *ending, const struct classification *what))
{
	out->have = count(question->ending, out);
	out->least = ~0U;
	out->most = 0;
	for (uint32_t i = 0; i < question->nreferences; i++) {
		if (!is_whole(question->references[i]))
			continue;
		uint32_t n = count(question->references[i]->ending, out);
		out->least = n < out->least ? n : out->least;
		out->most = n > out->most ? n : out->most;
	}
	if (out->least == ~0U)
		out->least = 0;
}

static uint32_t count_effect(const struct ending *ending, const struct classification *what)
{
	return ending_count(ending, what->effect, what->key);
}

static bool same_number(const struct image_value *value, int64_t number)
{
	return (value->bytes[0] == 'i' || value->bytes[0] == 's') && strtoll(value->bytes + 1, NULL, 10) == number;
}

static uint32_t count_rows(const struct ending *ending, const struct classification *what)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < ending->nimages; i++) {
		int32_t index = image_find_table(ending->images[i], what->table);
		if (index < 0)
			continue;
		const struct image_table *table = &ending->images[i]->tables[index];
		int32_t column = what->column ? image_find_column(table, what->column) : -1;
		for (uint32_t j = 0; j < table->nrows; j++)
			n += column < 0 || same_number(&table->values[(size_t)j * table->ncolumns + column], what->value);
	}
	return n;
}

/* An effect that happened too often or (with `fewer`) not often enough. Effects that only a reference had count. */
static bool find_effect(const struct explain_question *question, const struct ending *where, bool fewer,
	struct classification *out)
{
	for (uint32_t i = 0; i < where->neffects; i++) {
		const struct ending_effect *effect = &where->effects[i];
		*out = (struct classification){.effect = effect->name,
			.key = mask_hides_effect(question->mask, effect->name) ? NULL : effect->key};
		count_references(question, out, count_effect);
		if (fewer ? out->have < out->least : out->have > out->most)
			return true;
	}
	return false;
}

/* The reference that differs least, and the tables in which it differs. */
struct nearest {
	const struct image *image, *other; /* of the execution, of the reference */
	uint32_t n;
	struct digest_difference items[DIFFERENCES];
};

static uint32_t distance(const struct digest_difference *items, uint32_t n)
{
	uint32_t sum = 0;

	for (uint32_t i = 0; i < n; i++)
		sum += items[i].nextra + items[i].nmissing;
	return sum;
}

/* Looks at one database; `best` keeps the nearest reference that differs in it. */
static void find_nearest(const struct explain_question *question, const struct image *image, struct nearest *best)
{
	uint32_t best_distance = ~0U;

	best->n = 0;
	for (uint32_t i = 0; i < question->nreferences; i++) {
		struct digest_difference items[DIFFERENCES];
		const struct image *other = is_whole(question->references[i]) ?
			ending_image(question->references[i]->ending, image->database) : NULL;
		int n = other ? digest_difference(image, other, items, DIFFERENCES) : -1;
		uint32_t kept = n > DIFFERENCES ? DIFFERENCES : n < 0 ? 0 : (uint32_t)n;
		if (n < 0 || distance(items, kept) >= best_distance)
			continue;
		best_distance = distance(items, kept);
		best->image = image;
		best->other = other;
		best->n = kept;
		memcpy(best->items, items, kept * sizeof *items);
	}
}

/* A key column of the row by which the surplus shows: "2 rows with order_id 1". */
static void find_key(const struct explain_question *question, const struct image_table *table, uint32_t row,
	struct classification *out)
{
	struct classification whole = *out;

	for (uint32_t i = 0; row < table->nrows && i < table->ncolumns; i++) {
		const struct image_value *value = &table->values[(size_t)row * table->ncolumns + i];
		size_t length = strlen(table->columns[i].name);
		bool key = table->columns[i].flags & (COLUMN_KEY | COLUMN_REFERENCE) ||
			(length > 2 && strcasecmp(table->columns[i].name + length - 2, "id") == 0);
		long long number = strtoll(value->bytes + 1, NULL, 10);
		if (!key || value->bytes[0] != 'i' || number < 0 || number >= SMALL_NUMBER)
			continue;
		out->column = table->columns[i].name;
		out->value = number;
		count_references(question, out, count_rows);
		if (out->have > out->most)
			return;
		*out = whole;
	}
}

/* Do several units read the table before they insert into it? */
static bool is_checked(const struct explain_question *question, const char *table)
{
	const struct history *history = question->history;

	for (uint32_t i = 0; i < history->naccesses; i++)
		if (history->accesses[i].reads && !history->accesses[i].writes &&
		    strcasecmp(history->accesses[i].name, table) == 0)
			return true;
	return false;
}

/* A table with more rows than in any serial order; one that nobody checks first tells most. */
static bool find_surplus(const struct explain_question *question, const struct nearest *nearest,
	struct classification *out)
{
	bool found = false;

	for (uint32_t i = 0; i < nearest->n; i++) {
		const struct digest_difference *difference = &nearest->items[i];
		struct classification rows = {.table = difference->table};
		count_references(question, &rows, count_rows);
		bool checked = is_checked(question, difference->table);
		if (rows.have <= rows.most || (found && checked))
			continue;
		rows.anomaly = checked ? ANOMALY_DOUBLE_INSERT : ANOMALY_DOUBLE_EFFECT;
		if (difference->left_table >= 0)
			find_key(question, &nearest->image->tables[difference->left_table], difference->extra, &rows);
		*out = rows;
		found = true;
	}
	return found;
}

static bool find_deficit(const struct explain_question *question, const struct nearest *nearest,
	struct classification *out)
{
	for (uint32_t i = 0; i < nearest->n; i++) {
		*out = (struct classification){.anomaly = ANOMALY_MISSING_EFFECT, .table = nearest->items[i].table};
		count_references(question, out, count_rows);
		if (out->have < out->least)
			return true;
	}
	return false;
}

/* A row of the table that two units changed. */
static bool find_shared_row(const struct explain_question *question, const char *table, int64_t *row)
{
	const struct trace *trace = question->units->trace;

	for (uint32_t i = 0; i < trace->nrows; i++)
		for (uint32_t j = i + 1; j < trace->nrows; j++) {
			uint32_t left = unit_of(question->units, trace->rows[i].task, trace->rows[i].at_step);
			uint32_t right = unit_of(question->units, trace->rows[j].task, trace->rows[j].at_step);
			if (!left || !right || left == right || trace->rows[i].table != trace->rows[j].table ||
			    trace->rows[i].rowid != trace->rows[j].rowid ||
			    strcasecmp(trace->rows[i].table_name, table) != 0)
				continue;
			*row = trace->rows[i].rowid;
			return true;
		}
	return false;
}

static struct classification classify_values(const struct explain_question *question, const struct nearest *nearest)
{
	struct classification out = {.anomaly = ANOMALY_WRITE_SKEW, .table = nearest->items[0].table};

	for (uint32_t i = 0; i < nearest->n; i++)
		if (find_shared_row(question, nearest->items[i].table, &out.value)) {
			out.anomaly = ANOMALY_LOST_UPDATE;
			out.table = nearest->items[i].table;
			out.has_row = true;
			break;
		}
	return out;
}

static bool classify_databases(const struct explain_question *question, struct classification *out)
{
	struct nearest *nearest = malloc(sizeof *nearest);
	bool found = false;

	for (uint32_t i = 0; nearest && i < question->ending->nimages && !found; i++) {
		find_nearest(question, question->ending->images[i], nearest);
		found = nearest->n > 0;
		if (found && !find_surplus(question, nearest, out) && !find_deficit(question, nearest, out))
			*out = classify_values(question, nearest);
	}
	free(nearest);
	return found;
}

static bool find_missing_effect(const struct explain_question *question, struct classification *out)
{
	for (uint32_t i = 0; i < question->nreferences; i++)
		if (is_whole(question->references[i]) &&
		    find_effect(question, question->references[i]->ending, true, out))
			return true;
	return false;
}

struct classification classify(const struct explain_question *question)
{
	struct classification out, databases = {.anomaly = ANOMALY_OTHER};
	bool differs = classify_databases(question, &databases);

	if (question->lost >= 0) {
		databases.anomaly = ANOMALY_LOST_WORK;
		return databases;
	}
	if (find_effect(question, question->ending, false, &out)) {
		out.anomaly = ANOMALY_DOUBLE_EFFECT;
		return out;
	}
	if (differs && (databases.anomaly == ANOMALY_DOUBLE_EFFECT || databases.anomaly == ANOMALY_DOUBLE_INSERT))
		return databases;
	if (find_missing_effect(question, &out)) {
		out.anomaly = ANOMALY_MISSING_EFFECT;
		return out;
	}
	if (!differs && question->ending->status_counts)
		databases.anomaly = ANOMALY_EXIT_STATUS;
	return databases;
}

bool classification_counts(const struct classification *classification)
{
	return classification->anomaly == ANOMALY_DOUBLE_EFFECT || classification->anomaly == ANOMALY_DOUBLE_INSERT ||
		classification->anomaly == ANOMALY_MISSING_EFFECT || classification->anomaly == ANOMALY_LOST_WORK;
}
