/*
 * The content of a Redis database as an image: a table for each type of value, whose rows are the values' elements,
 * and a table of all keys, which says whether they expire. Groups of consumers of streams are not looked at.
 */
#if __has_include(<hiredis/hiredis.h>)

#include <stdio.h>
#include <string.h>

#include "../arena.h"
#include "redis.h"

enum { COLUMNS = 5 };

enum table { HASHES, KEYS, LISTS, OTHERS, SETS, SORTED_SETS, STREAMS, STRINGS, TABLES };

static const struct {
	const char *name, *type; /* in order of their names; as TYPE says */
	const char *columns[COLUMNS];
} tables[TABLES] = {
	[HASHES] = {"hashes", "hash", {"key", "field", "value"}},
	[KEYS] = {"keys", "", {"key", "type", "expires"}},
	[LISTS] = {"lists", "list", {"key", "position", "value"}},
	[OTHERS] = {"others", "", {"key", "dump"}},
	[SETS] = {"sets", "set", {"key", "member"}},
	[SORTED_SETS] = {"sorted_sets", "zset", {"key", "member", "score"}},
	[STREAMS] = {"streams", "stream", {"key", "entry", "position", "field", "value"}},
	[STRINGS] = {"strings", "string", {"key", "value"}},
};

/* An array of key, type, does it expire, value; in one step. */
static const char read_script[] =
	"local all, reply = redis.call('KEYS', '*'), {} "
	"for _, k in ipairs(all) do if k ~= '" REDIS_MARKER "' then "
	"  local t, v = redis.call('TYPE', k)['ok'] "
	"  if t == 'string' then v = redis.call('GET', k) elseif t == 'hash' then v = redis.call('HGETALL', k) "
	"  elseif t == 'list' then v = redis.call('LRANGE', k, 0, -1) elseif t == 'set' then v = redis.call('SMEMBERS', k) "
	"  elseif t == 'zset' then v = redis.call('ZRANGE', k, 0, -1, 'WITHSCORES') "
	"  elseif t == 'stream' then v = redis.call('XRANGE', k, '-', '+') else v = redis.call('DUMP', k) end "
	"  reply[#reply + 1] = {k, t, redis.call('PTTL', k) >= 0 and 1 or 0, v} end end "
	"return reply";

/* Rows are counted first, then written. */
struct writer {
	struct image *image;
	bool counting, failed;
};

static void put(struct writer *writer, struct image_value *value, char type, const char *bytes, size_t nbytes)
{
	value->nbytes = (uint32_t)nbytes + 1;
	value->bytes = arena_take(writer->image->arena, nbytes + 2);
	if (!value->bytes) {
		writer->failed = true;
		return;
	}
	value->bytes[0] = type;
	memcpy(value->bytes + 1, bytes, nbytes);
}

/* The next row of a table, with its first value; NULL while rows are counted. */
static struct image_value *row(struct writer *writer, enum table id, const redisReply *key)
{
	struct image_table *table = &writer->image->tables[id];
	struct image_value *values = writer->counting ? NULL : &table->values[(size_t)table->nrows * table->ncolumns];

	table->nrows++;
	if (values)
		put(writer, values, 't', key->str, key->len);
	return values;
}

static void put_text(struct writer *writer, struct image_value *value, const redisReply *text)
{
	put(writer, value, 't', text->str ? text->str : "", text->str ? text->len : 0);
}

static void put_number(struct writer *writer, struct image_value *value, size_t number)
{
	char text[32];

	put(writer, value, 'i', text, (size_t)snprintf(text, sizeof text, "%zu", number));
}

static void put_entry(struct writer *writer, const redisReply *key, const redisReply *entry)
{
	const redisReply *fields = entry->elements == 2 ? entry->element[1] : NULL;

	for (size_t i = 0; fields && i + 1 < fields->elements; i += 2) {
		struct image_value *values = row(writer, STREAMS, key);
		if (!values)
			continue;
		put_text(writer, &values[1], entry->element[0]);
		put_number(writer, &values[2], i / 2);
		put_text(writer, &values[3], fields->element[i]);
		put_text(writer, &values[4], fields->element[i + 1]);
	}
}

/* Lists: position and element. Hashes and sorted sets: two elements a row. Sets: one. */
static void put_elements(struct writer *writer, enum table id, const redisReply *key, const redisReply *elements)
{
	size_t width = id == HASHES || id == SORTED_SETS ? 2 : 1;

	for (size_t i = 0; i + width <= elements->elements; i += width) {
		struct image_value *values = row(writer, id, key);
		if (values && id == LISTS)
			put_number(writer, values++ + 1, i);
		for (size_t j = 0; values && j < width; j++)
			put_text(writer, &values[1 + j], elements->element[i + j]);
	}
}

static void put_key(struct writer *writer, const redisReply *const *parts)
{
	struct image_value *values = row(writer, KEYS, parts[0]);
	enum table id = 0;

	if (values) {
		put_text(writer, &values[1], parts[1]);
		put_number(writer, &values[2], (size_t)parts[2]->integer);
	}
	while (id < TABLES && strcmp(tables[id].type, parts[1]->str) != 0)
		id++;
	if (id == STREAMS)
		for (size_t i = 0; i < parts[3]->elements; i++)
			put_entry(writer, parts[0], parts[3]->element[i]);
	else if (id < TABLES && id != STRINGS)
		put_elements(writer, id, parts[0], parts[3]);
	else if ((values = row(writer, id == STRINGS ? STRINGS : OTHERS, parts[0])))
		put_text(writer, &values[1], parts[3]);
}

static void put_all(struct writer *writer, const redisReply *reply)
{
	for (size_t i = 0; i < reply->elements && !writer->failed; i++)
		if (reply->element[i]->elements == 4)
			put_key(writer, (const redisReply *const *)reply->element[i]->element);
}

static int tables_make(struct image *image)
{
	image->tables = arena_array(image->arena, TABLES, sizeof *image->tables);
	for (; image->tables && image->ntables < TABLES; image->ntables++) {
		struct image_table *table = &image->tables[image->ntables];
		const char *const *columns = tables[image->ntables].columns;
		table->name = arena_text(image->arena, tables[image->ntables].name, strlen(tables[image->ntables].name));
		table->columns = arena_array(image->arena, COLUMNS, sizeof *table->columns);
		if (!table->name || !table->columns)
			return -1;
		for (; table->ncolumns < COLUMNS && columns[table->ncolumns]; table->ncolumns++) {
			struct image_column *column = &table->columns[table->ncolumns];
			column->name = arena_text(image->arena, columns[table->ncolumns], strlen(columns[table->ncolumns]));
			column->flags = table->ncolumns == 0 ? COLUMN_KEY : 0;
			column->refers = -1;
			if (!column->name)
				return -1;
		}
	}
	return image->tables ? 0 : -1;
}

static int rows_make(struct image *image)
{
	for (uint32_t i = 0; i < TABLES; i++) {
		struct image_table *table = &image->tables[i];
		table->values = arena_array(image->arena, (size_t)table->nrows * table->ncolumns, sizeof *table->values);
		if (!table->values)
			return -1;
		table->nrows = 0;
	}
	return 0;
}

struct image *redis_image(struct server *server, const char *database, struct complaint *complaint)
{
	struct writer writer = {.image = image_new(database), .counting = true};
	redisReply *reply = writer.image ? redis_ask(server, complaint, "EVAL %s 0", read_script) : NULL;

	writer.failed = !reply || tables_make(writer.image) < 0;
	if (!writer.failed) {
		put_all(&writer, reply);
		writer.counting = false;
		writer.failed = rows_make(writer.image) < 0;
		put_all(&writer, reply);
	}
	if (reply)
		freeReplyObject(reply);
	if (!writer.failed)
		return writer.image;
	image_close(writer.image);
	return NULL;
}

#endif
