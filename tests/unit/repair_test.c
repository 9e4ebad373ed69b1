/* What puts a table back: by hand for small tables, and against what it is to do for many drawn ones. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "explorer/db/repair.h"

enum { ROWS = 40, COLUMNS = 2 };

/* A table of texts in pairs, "key content"; the first column is the key, unless `keyless`. */
struct scene {
	struct image_table table;
	struct image_column columns[COLUMNS];
	struct image_value values[ROWS * COLUMNS];
	char texts[ROWS * COLUMNS][16];
};

static void scene_clear(struct scene *scene, bool keyed)
{
	memset(scene, 0, sizeof *scene);
	scene->table = (struct image_table){.name = "t", .ncolumns = COLUMNS, .columns = scene->columns, .values = scene->values};
	scene->columns[0] = (struct image_column){.name = "id", .flags = keyed ? COLUMN_KEY : 0, .refers = -1};
	scene->columns[1] = (struct image_column){.name = "what", .refers = -1};
}

static void scene_add(struct scene *scene, const char *key, const char *what)
{
	const char *texts[COLUMNS] = {key, what};

	for (uint32_t i = 0; i < COLUMNS; i++) {
		uint32_t at = scene->table.nrows * COLUMNS + i;
		snprintf(scene->texts[at], sizeof scene->texts[at], "%s", texts[i]);
		scene->values[at] = (struct image_value){.bytes = scene->texts[at], .nbytes = (uint32_t)strlen(texts[i])};
	}
	scene->table.nrows++;
}

static void scene_fill(struct scene *scene, bool keyed, uint32_t n, const char *const (*rows)[COLUMNS])
{
	scene_clear(scene, keyed);
	for (uint32_t i = 0; i < n; i++)
		scene_add(scene, rows[i][0], rows[i][1]);
}

#define FILL(scene, keyed, ...) do { \
		static const char *const rows_[][COLUMNS] = {__VA_ARGS__}; \
		scene_fill(scene, keyed, sizeof rows_ / sizeof *rows_, rows_); \
	} while (0)

static void test_equal_tables_need_nothing(void **state)
{
	struct scene start, now;

	(void)state;
	FILL(&start, true, {"i1", "ta"}, {"i2", "tb"});
	FILL(&now, true, {"i2", "tb"}, {"i1", "ta"});
	struct repair_index *index = repair_index_open(&start.table);
	struct repair *repair = repair_open(index, &now.table);
	assert_int_equal(repair->nextra + repair->nmissing + repair->nchanged, 0);
	repair_close(repair);
	repair_index_close(index);
}

static void test_rows_are_told_by_their_key(void **state)
{
	struct scene start, now;

	(void)state;
	FILL(&start, true, {"i1", "ta"}, {"i2", "tb"}, {"i3", "tc"});
	FILL(&now, true, {"i4", "td"}, {"i3", "tx"}, {"i1", "ta"});
	struct repair_index *index = repair_index_open(&start.table);
	struct repair *repair = repair_open(index, &now.table);
	assert_int_equal(repair->nextra, 1);
	assert_int_equal(repair->extra[0], 0);
	assert_int_equal(repair->nmissing, 1);
	assert_int_equal(repair->missing[0], 1);
	assert_int_equal(repair->nchanged, 1);
	assert_int_equal(repair->changed[0].now, 1);
	assert_int_equal(repair->changed[0].start, 2);
	repair_close(repair);
	repair_index_close(index);
}

static void test_rows_without_a_key_are_counted(void **state)
{
	struct scene start, now;

	(void)state;
	FILL(&start, false, {"i1", "ta"}, {"i1", "ta"}, {"i1", "ta"}, {"n", "n"});
	FILL(&now, false, {"i1", "ta"}, {"i1", "tb"}, {"n", "n"}, {"n", "n"});
	struct repair_index *index = repair_index_open(&start.table);
	struct repair *repair = repair_open(index, &now.table);
	assert_int_equal(repair->nextra, 2);
	assert_int_equal(repair->nmissing, 2);
	assert_int_equal(repair->nchanged, 0);
	assert_int_equal(repair_index_find(index, now.values), ~0U);
	repair_close(repair);
	repair_index_close(index);
}

static void test_where_a_value_ends_counts(void **state)
{
	struct scene start, now;

	(void)state;
	FILL(&start, false, {"ta", "tbt"}, {"n", "t"});
	FILL(&now, false, {"tat", "bt"}, {"n", "n"});
	struct repair_index *index = repair_index_open(&start.table);
	struct repair *repair = repair_open(index, &now.table);
	assert_int_equal(repair->nextra, 2);
	assert_int_equal(repair->nmissing, 2);
	repair_close(repair);
	repair_index_close(index);
}

static void test_what_was_written_explains_what_is_gone(void **state)
{
	struct scene start, written;

	(void)state;
	FILL(&start, true, {"i1", "ta"}, {"i2", "tb"}, {"i3", "tc"});
	FILL(&written, true, {"i4", "td"}, {"i3", "tx"}, {"i2", "tb"});
	struct repair_index *index = repair_index_open(&start.table);
	struct repair *repair = repair_explain(index, &written.table, 2);
	assert_non_null(repair);
	assert_int_equal(repair->nextra, 1);
	assert_int_equal(repair->nmissing, 0);
	assert_int_equal(repair->nchanged, 1);
	assert_int_equal(repair->changed[0].start, 2);
	assert_int_equal(repair->nreplaced, 2);
	repair_close(repair);
	assert_null(repair_explain(index, &written.table, 3)); /* i1 was deleted, but that can't be seen here */
	repair_index_close(index);
}

static void test_without_a_key_nothing_explains_what_is_gone(void **state)
{
	struct scene start, written;

	(void)state;
	FILL(&start, false, {"i1", "ta"}, {"i2", "tb"});
	FILL(&written, false, {"i1", "tx"});
	struct repair_index *index = repair_index_open(&start.table);
	assert_null(repair_explain(index, &written.table, 1));
	struct repair *repair = repair_explain(index, &written.table, 0);
	assert_non_null(repair);
	assert_int_equal(repair->nextra, 1);
	repair_close(repair);
	repair_index_close(index);
}

/* Does the repair, done by hand, make of `now` what the start was? Both as sorted lists of rows. */
static int compare_texts(const void *left, const void *right)
{
	return strcmp(left, right);
}

static uint32_t list_rows(const struct scene *scene, char (*list)[32])
{
	for (uint32_t i = 0; i < scene->table.nrows; i++)
		snprintf(list[i], sizeof *list, "%s %s", scene->texts[i * COLUMNS], scene->texts[i * COLUMNS + 1]);
	return scene->table.nrows;
}

static void check_mends(const struct scene *start, const struct scene *now)
{
	static char wanted[ROWS][32], list[2 * ROWS][32], rows[ROWS][32];
	struct repair_index *index = repair_index_open(&start->table);
	struct repair *repair = repair_open(index, &now->table);
	uint32_t n = list_rows(now, list), nwanted = list_rows(start, wanted);

	for (uint32_t i = 0; i < repair->nextra; i++)
		list[repair->extra[i]][0] = '\0';
	list_rows(start, rows);
	for (uint32_t i = 0; i < repair->nchanged; i++) {
		assert_string_equal(now->texts[repair->changed[i].now * COLUMNS], start->texts[repair->changed[i].start * COLUMNS]);
		strcpy(list[repair->changed[i].now], rows[repair->changed[i].start]);
	}
	for (uint32_t i = 0; i < repair->nmissing; i++)
		strcpy(list[n++], rows[repair->missing[i]]);
	qsort(list, n, sizeof *list, compare_texts);
	qsort(wanted, nwanted, sizeof *wanted, compare_texts);
	assert_int_equal(n - repair->nextra, nwanted);
	for (uint32_t i = 0; i < nwanted; i++)
		assert_string_equal(list[repair->nextra + i], wanted[i]);
	repair_close(repair);
	repair_index_close(index);
}

static void test_drawn_tables_are_mended(void **state)
{
	struct scene start, now;

	(void)state;
	srand(7);
	for (int round = 0; round < 2000; round++) {
		struct scene *scenes[] = {&start, &now};
		bool keyed = round % 2;
		for (int i = 0; i < 2; i++) {
			scene_clear(scenes[i], keyed);
			for (int j = 0, n = rand() % 12; j < n; j++) {
				char key[16], what[16];
				snprintf(key, sizeof key, "i%d", keyed ? j + rand() % 2 * 20 : rand() % 4);
				snprintf(what, sizeof what, "t%d", rand() % 3);
				scene_add(scenes[i], key, what);
			}
		}
		check_mends(&start, &now);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_equal_tables_need_nothing),
		cmocka_unit_test(test_rows_are_told_by_their_key),
		cmocka_unit_test(test_rows_without_a_key_are_counted),
		cmocka_unit_test(test_where_a_value_ends_counts),
		cmocka_unit_test(test_what_was_written_explains_what_is_gone),
		cmocka_unit_test(test_without_a_key_nothing_explains_what_is_gone),
		cmocka_unit_test(test_drawn_tables_are_mended),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
