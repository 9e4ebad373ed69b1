#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>
#include <sqlite3.h>

#include "explorer/db/image.h"

static char path[] = "/tmp/race_image_test_XXXXXX";

static int make_file(void **state)
{
	(void)state;
	int fd = mkstemp(path);

	return fd < 0 ? -1 : close(fd);
}

static int remove_file(void **state)
{
	char beside[64];

	(void)state;
	snprintf(beside, sizeof beside, "%s-wal", path);
	unlink(beside);
	snprintf(beside, sizeof beside, "%s-shm", path);
	unlink(beside);
	unlink(path);
	snprintf(path, sizeof path, "/tmp/race_image_test_XXXXXX");
	return 0;
}

static void execute(const char *script)
{
	sqlite3 *db;

	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, script, NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
}

static struct image *read_image(void)
{
	char reason[256] = "";
	struct image *image = sqlite_image(path, "shop.db", reason, sizeof reason);

	assert_string_equal(reason, "");
	assert_non_null(image);
	return image;
}

static const char *value_at(const struct image *image, const char *table, uint32_t row, const char *column)
{
	const struct image_table *found = &image->tables[image_find_table(image, table)];

	return found->values[row * found->ncolumns + (uint32_t)image_find_column(found, column)].bytes;
}

static void values_keep_type_and_text(void **state)
{
	(void)state;
	execute("CREATE TABLE v(a, b, c, d, e); INSERT INTO v VALUES(NULL, -7, 1.5, 'it''s', x'6100');");
	struct image *image = read_image();
	assert_string_equal(image->database, "shop.db");
	assert_string_equal(value_at(image, "v", 0, "a"), "n");
	assert_string_equal(value_at(image, "v", 0, "b"), "i-7");
	assert_string_equal(value_at(image, "v", 0, "c"), "f1.5");
	assert_string_equal(value_at(image, "v", 0, "d"), "tit's");
	assert_memory_equal(value_at(image, "v", 0, "e"), "ba\0", 3);
	assert_int_equal(image->tables[0].values[4].nbytes, 3);
	image_close(image);
}

static void tables_are_sorted_and_own_tables_left_out(void **state)
{
	(void)state;
	execute("CREATE TABLE z(a INTEGER PRIMARY KEY AUTOINCREMENT); CREATE TABLE b(x); CREATE VIEW w AS SELECT 1;"
		"INSERT INTO z DEFAULT VALUES; ANALYZE;");
	struct image *image = read_image();
	assert_int_equal(image->ntables, 2);
	assert_string_equal(image->tables[0].name, "b");
	assert_string_equal(image->tables[1].name, "z");
	image_close(image);
}

static uint32_t flags_of(const struct image *image, const char *table, const char *column)
{
	const struct image_table *found = &image->tables[image_find_table(image, table)];

	return found->columns[image_find_column(found, column)].flags;
}

static void only_rowid_aliases_are_surrogates(void **state)
{
	(void)state;
	execute("CREATE TABLE a(id INTEGER PRIMARY KEY); CREATE TABLE b(id INT PRIMARY KEY);"
		"CREATE TABLE c(id INTEGER PRIMARY KEY) WITHOUT ROWID; CREATE TABLE d(x INTEGER, y, PRIMARY KEY(x, y));");
	struct image *image = read_image();
	assert_int_equal(flags_of(image, "a", "id"), COLUMN_KEY | COLUMN_SURROGATE);
	assert_int_equal(flags_of(image, "b", "id"), COLUMN_KEY);
	assert_int_equal(flags_of(image, "c", "id"), COLUMN_KEY);
	assert_int_equal(flags_of(image, "d", "x"), COLUMN_KEY);
	image_close(image);
}

static void references_by_key_and_by_name(void **state)
{
	(void)state;
	execute("CREATE TABLE orders(id INTEGER PRIMARY KEY, status); CREATE TABLE categories(id INTEGER PRIMARY KEY);"
		"CREATE TABLE items(buyer REFERENCES orders(id), order_id, category_id, ordersid, orderid, note_id);");
	struct image *image = read_image();
	int32_t orders = image_find_table(image, "orders");
	const struct image_table *items = &image->tables[image_find_table(image, "items")];
	static const char *const columns[] = {"buyer", "order_id", "ordersid", "orderid"};
	for (size_t i = 0; i < 4; i++) {
		const struct image_column *column = &items->columns[image_find_column(items, columns[i])];
		assert_true(column->flags & COLUMN_REFERENCE);
		assert_int_equal(column->refers, orders);
	}
	assert_int_equal(items->columns[image_find_column(items, "category_id")].refers,
		image_find_table(image, "categories"));
	assert_int_equal(flags_of(image, "items", "note_id"), 0);
	image_close(image);
}

static void a_wal_is_read_and_kept(void **state)
{
	sqlite3 *db;
	char wal[64];

	(void)state;
	snprintf(wal, sizeof wal, "%s-wal", path);
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, "PRAGMA journal_mode = WAL; CREATE TABLE t(a); INSERT INTO t VALUES(5)", NULL,
		NULL, NULL), SQLITE_OK);
	struct image *image = read_image();
	assert_string_equal(value_at(image, "t", 0, "a"), "i5");
	assert_int_equal(access(wal, F_OK), 0);
	image_close(image);
	sqlite3_close(db);
}

static void an_empty_file_is_an_empty_database(void **state)
{
	(void)state;
	struct image *image = read_image();
	assert_int_equal(image->ntables, 0);
	image_close(image);
}

static void a_foreign_file_is_refused_with_a_sentence(void **state)
{
	char reason[256] = "";

	(void)state;
	FILE *file = fopen(path, "w");
	for (int i = 0; i < 1000; i++)
		fputs("no database at all\n", file);
	fclose(file);
	assert_null(sqlite_image(path, "shop.db", reason, sizeof reason));
	assert_string_equal(reason, "the database shop.db can't be read: file is not a database");
	assert_null(sqlite_image("/nowhere/at/all", "shop.db", reason, sizeof reason));
}

static void a_copy_is_deep(void **state)
{
	(void)state;
	execute("CREATE TABLE t(a); INSERT INTO t VALUES('x')");
	struct image *image = read_image(), *copy = image_copy(image);
	image->tables[0].values[0].bytes[1] = 'y';
	assert_string_equal(value_at(copy, "t", 0, "a"), "tx");
	assert_string_equal(copy->tables[0].columns[0].name, "a");
	image_close(image);
	image_close(copy);
	image_close(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(values_keep_type_and_text, make_file, remove_file),
		cmocka_unit_test_setup_teardown(tables_are_sorted_and_own_tables_left_out, make_file, remove_file),
		cmocka_unit_test_setup_teardown(only_rowid_aliases_are_surrogates, make_file, remove_file),
		cmocka_unit_test_setup_teardown(references_by_key_and_by_name, make_file, remove_file),
		cmocka_unit_test_setup_teardown(a_wal_is_read_and_kept, make_file, remove_file),
		cmocka_unit_test_setup_teardown(an_empty_file_is_an_empty_database, make_file, remove_file),
		cmocka_unit_test_setup_teardown(a_foreign_file_is_refused_with_a_sentence, make_file, remove_file),
		cmocka_unit_test_setup_teardown(a_copy_is_deep, make_file, remove_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
