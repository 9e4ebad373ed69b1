/*
 * A database image: the whole content of a test database after an execution, as rows of values, whatever the server.
 * Adapters fill images; digest.h compares them.
 */
#ifndef RACE_EXPLORER_DB_IMAGE_H
#define RACE_EXPLORER_DB_IMAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;

enum image_column_flag {
	COLUMN_KEY = 1,        /* part of the primary key */
	COLUMN_SURROGATE = 2,  /* number handed out by the database: its value means nothing */
	COLUMN_REFERENCE = 4,  /* refers to the surrogate of table `refers` */
	COLUMN_VOLATILE = 8,   /* differs between two equal serial runs, drawn at random: equality counts */
	COLUMN_IGNORED = 16,   /* --ignore */
	COLUMN_HIDDEN = 32,    /* differs between two equal serial runs, like a time: only NULL or not counts */
};

struct image_column {
	char *name;
	uint32_t flags;
	int32_t refers; /* index of the table whose surrogate it holds, -1 */
};

/*
 * Canonical text; the type is its first byte: n NULL, i integer, f float, t text, b bytes. issued.h turns `i` into
 * `s` where the number is an id that the database handed out while the units ran: only those are renamed.
 */
struct image_value {
	char *bytes; /* NUL-terminated, within the arena */
	uint32_t nbytes;
};

struct image_table {
	char *name;
	uint32_t ncolumns, nrows;
	struct image_column *columns;
	struct image_value *values; /* [nrows * ncolumns] */
	bool ignored;
};

struct image {
	char *database; /* path or URL as the program names it */
	uint32_t ntables;
	struct image_table *tables; /* in order of their names */
	struct arena *arena;
};

/* An image without tables; NULL when memory is short. */
struct image *image_new(const char *database);

/* Room for so many tables; then the next one, with copies of these names, and no rows. -1: memory is short. */
int image_make_room(struct image *image, uint32_t ntables);
int image_add_table(struct image *image, const char *name, const struct image_column *columns, uint32_t ncolumns);

/* A deep copy; NULL when memory is short. */
struct image *image_copy(const struct image *image);

/* The index of the table or column (letter case does not matter), -1: none such. */
int32_t image_find_table(const struct image *image, const char *name);
int32_t image_find_column(const struct image_table *table, const char *name);

/* The column that holds the table's surrogate, -1: it has none. */
int32_t image_surrogate(const struct image_table *table);

/*
 * Marks columns as references by their names: `order_id`, `orders_id` and `orderid` refer to the surrogate of a
 * table `orders` (or `order`). Declared foreign keys are the adapter's business and are left alone.
 */
void image_link(struct image *image);

/* A declared foreign key: `column` of `table` refers to `key` of `refers`. Counts where that is a surrogate. */
void image_refer(struct image *image, const char *table, const char *column, const char *refers, const char *key);

/*
 * Gives table number `table` copies of the rows of `from` except those in `without`, and of `more` (NULL: none), which
 * have the same columns. -1 when memory is short.
 */
int image_merge(struct image *image, uint32_t table, const struct image_table *from, const uint32_t *without,
	uint32_t nwithout, const struct image_table *more);

/* Frees the image; NULL does nothing. */
void image_close(struct image *image);

/* The end of reading: the image with its links, or, when it is not whole, NULL and it is closed. */
struct image *image_finish(struct image *image, bool whole);

/*
 * Adapter for SQLite: reads the file at `path` (a private copy; a hot journal is rolled back, a WAL is read), naming
 * it `database`. NULL and a sentence when it is no database or can't be read.
 */
struct image *sqlite_image(const char *path, const char *database, char *reason, size_t reason_bytes);

#endif
