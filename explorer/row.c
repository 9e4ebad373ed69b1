#include "row.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "shared/op.h"

/* Names of tables are qualified in images where they are not in the schema that is meant by default. */
static bool is_table(const char *name, const char *text, size_t nbytes)
{
	const char *last = strrchr(name, '.');

	if (last && strlen(last + 1) == nbytes && strncasecmp(last + 1, text, nbytes) == 0)
		return true;
	return strlen(name) == nbytes && strncasecmp(name, text, nbytes) == 0;
}

/* Does the text hold this column's value? A tab stands before each. */
static bool names_value(const char *text, const char *column, const struct image_value *value)
{
	size_t ncolumn = strlen(column), nvalue = value->nbytes - 1;

	for (const char *at = strchr(text, '\t'); at; at = strchr(at + 1, '\t'))
		if (strncasecmp(at + 1, column, ncolumn) == 0 && at[1 + ncolumn] == '=' &&
			strncmp(at + 2 + ncolumn, value->bytes + 1, nvalue) == 0 &&
			(at[2 + ncolumn + nvalue] == '\0' || at[2 + ncolumn + nvalue] == '\t'))
			return true;
	return false;
}

/* Ids that were handed out while the units ran are nobody's to name. */
static bool names_row(const char *text, const struct image_table *table, uint32_t row)
{
	bool keyed = false;

	if (!is_table(table->name, text, strcspn(text, "\t")))
		return false;
	for (uint32_t i = 0; i < table->ncolumns; i++) {
		const struct image_value *value = &table->values[(size_t)row * table->ncolumns + i];
		if (!(table->columns[i].flags & COLUMN_KEY))
			continue;
		if (value->nbytes < 2 || value->bytes[0] == 's' || !names_value(text, table->columns[i].name, value))
			return false;
		keyed = true;
	}
	return keyed;
}

/* The table behind INSERT [IGNORE] INTO or REPLACE INTO, of *nbytes; NULL: the statement is none of these. */
static const char *insert_table(const char *sql, size_t *nbytes)
{
	const char *into = strcasestr(sql, "into ");

	if ((strncasecmp(sql, "insert ", 7) != 0 && strncasecmp(sql, "replace ", 8) != 0) || !into)
		return NULL;
	into += strlen("into ");
	const char *end = into + strcspn(into, " (");
	const char *qualified = memrchr(into, '.', (size_t)(end - into));
	into = qualified ? qualified + 1 : into;
	into += *into == '"' || *into == '`';
	*nbytes = strcspn(into, " (\"`");
	return into;
}

bool row_is_inserted(const struct unit_list *units, const char *table)
{
	const struct trace *trace = units->trace;

	for (uint32_t i = 0; i < trace->nsteps; i++) {
		const struct request *request = &trace_step_announce(trace, i)->request;
		size_t nbytes;
		const char *name = request->op == OP_DB_STATEMENT && units->of_step[i] ?
			insert_table(trace_statement_text(trace, request->statement), &nbytes) : NULL;
		if (name && is_table(table, name, nbytes))
			return true;
	}
	return false;
}

uint32_t row_writers(const struct unit_list *units, const struct image_table *table, uint32_t row)
{
	const struct trace *trace = units->trace;
	uint32_t n = 0, first = 0;

	for (uint32_t i = 0; i < trace->nvalues && n < 2; i++) {
		const struct trace_value *value = &trace->values[i];
		if (value->role != 'k' || !names_row(value->text, table, row))
			continue;
		uint32_t unit = unit_of(units, value->task, value->at_step);
		if (unit == 0 || unit == first)
			continue;
		first = unit;
		n++;
	}
	return n;
}

bool row_number(const struct image_table *table, uint32_t row, int64_t *number)
{
	const struct image_value *key = NULL;

	for (uint32_t i = 0; i < table->ncolumns; i++) {
		if (!(table->columns[i].flags & COLUMN_KEY))
			continue;
		if (key)
			return false;
		key = &table->values[(size_t)row * table->ncolumns + i];
	}
	if (!key || key->nbytes < 2 || key->bytes[0] != 'i')
		return false;
	*number = strtoll(key->bytes + 1, NULL, 10);
	return true;
}
