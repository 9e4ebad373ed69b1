#include "classify.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "db/digest.h"
#include "row.h"

enum { DIFFERENCES = 64 };

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

static bool same_value(const struct image_value *left, const struct image_value *right)
{
	return left->nbytes == right->nbytes && memcmp(left->bytes, right->bytes, left->nbytes) == 0;
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
			n += column < 0 || same_value(&table->values[(size_t)j * table->ncolumns + column], what->value);
	}
	return n;
}

/* An effect that happened too often or (with `fewer`) not often enough. Effects that only a reference had count. */
static bool find_effect(const struct explain_question *question, const struct ending *where, bool fewer,
	struct classification *out)
{
	for (uint32_t i = 0; i < where->neffects; i++) {
		const struct ending_effect *effect = &where->effects[i];
		*out = (struct classification){.effect = effect->name, .counted = true,
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

/* Does a column tell rows apart: a key, a reference, or something called so? */
static bool is_key(const struct image_column *column)
{
	size_t length = strlen(column->name);

	return column->flags & (COLUMN_KEY | COLUMN_REFERENCE) ||
		(length > 2 && strcasecmp(column->name + length - 2, "id") == 0);
}

/* Counts rows by a column of this row, of which there are too many with its value; keys first, or keys only. */
static bool find_column(const struct explain_question *question, const struct image_table *table, uint32_t row,
	bool keys, struct classification *out)
{
	const uint32_t hidden = COLUMN_IGNORED | COLUMN_HIDDEN | COLUMN_VOLATILE;

	for (uint32_t i = 0; row < table->nrows && i < table->ncolumns; i++) {
		const struct image_value *value = &table->values[(size_t)row * table->ncolumns + i];
		struct classification column = *out;
		if (is_key(&table->columns[i]) != keys || table->columns[i].flags & hidden || value->nbytes < 2 ||
		    value->bytes[0] == 's')
			continue;
		column.column = table->columns[i].name;
		column.value = value;
		count_references(question, &column, count_rows);
		if (column.have < 2 || column.have <= column.most)
			continue;
		*out = column;
		return true;
	}
	return false;
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
		struct classification rows = {.table = difference->table, .counted = true};
		count_references(question, &rows, count_rows);
		bool checked = is_checked(question, difference->table);
		if (rows.have <= rows.most || (found && checked))
			continue;
		rows.anomaly = rows.have < 2 ? ANOMALY_WRITE_SKEW : checked ? ANOMALY_DOUBLE_INSERT : ANOMALY_DOUBLE_EFFECT;
		if (difference->left_table >= 0)
			find_column(question, &nearest->image->tables[difference->left_table], difference->extra, true, &rows);
		*out = rows;
		found = true;
	}
	return found;
}

/* Did a unit insert into the table? */
static bool is_inserted(const struct explain_question *question, const char *table)
{
	const struct trace *trace = question->units->trace;

	for (uint32_t i = 0; i < trace->nrows; i++)
		if (trace->rows[i].change == 'i' && strcasecmp(trace->rows[i].table_name, table) == 0 &&
		    unit_of(question->units, trace->rows[i].task, trace->rows[i].at_step))
			return true;
	return row_is_inserted(question->units, table);
}

/* As many rows as there should be, but two of them with a value that only one should have. */
static bool find_duplicate(const struct explain_question *question, const struct nearest *nearest,
	struct classification *out)
{
	for (uint32_t i = 0; i < nearest->n; i++) {
		const struct digest_difference *difference = &nearest->items[i];
		if (difference->left_table < 0 || !is_inserted(question, difference->table))
			continue;
		const struct image_table *table = &nearest->image->tables[difference->left_table];
		*out = (struct classification){.anomaly = ANOMALY_DOUBLE_INSERT, .table = difference->table, .counted = true};
		if (find_column(question, table, difference->extra, true, out) ||
		    find_column(question, table, difference->extra, false, out))
			return true;
	}
	return false;
}

static bool find_deficit(const struct explain_question *question, const struct nearest *nearest,
	struct classification *out)
{
	for (uint32_t i = 0; i < nearest->n; i++) {
		*out = (struct classification){.anomaly = ANOMALY_MISSING_EFFECT, .table = nearest->items[i].table,
			.counted = true};
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

/* Footprints in key-value stores name keys, not tables: did two units write the key of this row? */
static bool is_shared_key(const struct explain_question *question, const struct image *image, const char *key)
{
	const struct history *history = question->history;
	const struct history_access *first = NULL;

	if (image_find_table(image, key) >= 0)
		return false;
	for (uint32_t i = 0; i < history->naccesses; i++) {
		const struct history_access *access = &history->accesses[i];
		if (!access->writes || strcasecmp(access->name, key) != 0)
			continue;
		if (first && first->unit != access->unit)
			return true;
		first = access;
	}
	return false;
}

static bool find_shared_key(const struct explain_question *question, const struct nearest *nearest,
	const struct digest_difference *difference)
{
	if (difference->left_table < 0)
		return false;
	const struct image_table *table = &nearest->image->tables[difference->left_table];
	if (difference->extra >= table->nrows || table->ncolumns == 0 || !(table->columns[0].flags & COLUMN_KEY))
		return false;
	const struct image_value *key = &table->values[(size_t)difference->extra * table->ncolumns];
	return key->nbytes > 1 && key->bytes[0] == 't' && is_shared_key(question, nearest->image, key->bytes + 1);
}

/* Was it this row that two units have changed on a server? Its number is kept where its key is one. */
static bool find_named_row(const struct explain_question *question, const struct nearest *nearest,
	const struct digest_difference *difference, struct classification *out)
{
	if (difference->left_table < 0)
		return false;
	const struct image_table *table = &nearest->image->tables[difference->left_table];
	if (difference->extra >= table->nrows || row_writers(question->units, table, difference->extra) < 2)
		return false;
	out->has_row = row_number(table, difference->extra, &out->row);
	return true;
}

static struct classification classify_values(const struct explain_question *question, const struct nearest *nearest)
{
	struct classification out = {.anomaly = ANOMALY_WRITE_SKEW, .table = nearest->items[0].table};

	for (uint32_t i = 0; i < nearest->n; i++) {
		out.has_row = find_shared_row(question, nearest->items[i].table, &out.row);
		if (!out.has_row && !find_shared_key(question, nearest, &nearest->items[i]) &&
		    !find_named_row(question, nearest, &nearest->items[i], &out))
			continue;
		out.anomaly = ANOMALY_LOST_UPDATE;
		out.table = nearest->items[i].table;
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
		if (found && !find_surplus(question, nearest, out) && !find_deficit(question, nearest, out) &&
		    !find_duplicate(question, nearest, out))
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

/* A request that was told something that it is told in no serial order, each reply taken by itself; else the first. */
static const char *find_reply(const struct explain_question *question)
{
	const struct ending *ending = question->ending;

	for (uint32_t i = 0; i < ending->nreplies; i++) {
		const struct ending_reply *reply = &ending->replies[i];
		bool known = false;
		for (uint32_t j = 0; j < question->nreferences && !known; j++) {
			const struct ending_reply *other = is_whole(question->references[j]) ?
				ending_reply(question->references[j]->ending, reply->unit) : NULL;
			known = other && other->status == reply->status && other->digest == reply->digest;
		}
		if (!known)
			return reply->name;
	}
	return ending->nreplies > 0 ? ending->replies[0].name : NULL;
}

struct classification classify(const struct explain_question *question)
{
	struct classification effect, databases = {.anomaly = ANOMALY_OTHER};
	bool differs = classify_databases(question, &databases);

	if (question->lost >= 0) {
		databases.anomaly = ANOMALY_LOST_WORK;
		return databases;
	}
	if (find_effect(question, question->ending, false, &effect)) {
		effect.anomaly = effect.have < 2 ? ANOMALY_WRITE_SKEW : ANOMALY_DOUBLE_EFFECT;
		return effect;
	}
	if (databases.counted && databases.anomaly != ANOMALY_MISSING_EFFECT)
		return databases;
	if (find_missing_effect(question, &effect)) {
		effect.anomaly = ANOMALY_MISSING_EFFECT;
		return effect;
	}
	databases.reply = differs ? NULL : find_reply(question);
	if (databases.reply)
		databases.anomaly = ANOMALY_REPLY;
	else if (!differs && question->ending->status_counts)
		databases.anomaly = ANOMALY_EXIT_STATUS;
	else if (question->half >= 0 && databases.anomaly == ANOMALY_WRITE_SKEW)
		databases.anomaly = ANOMALY_HALF_DONE;
	return databases;
}
