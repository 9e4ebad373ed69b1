#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>
#include <sqlite3.h>

#include "explorer/db/digest.h"
#include "explorer/db/issued.h"
#include "explorer/db/mask.h"
#include "tests/unit/story.h"

#define SHOP "CREATE TABLE orders(id INTEGER PRIMARY KEY, item TEXT);" \
	"CREATE TABLE payments(id INTEGER PRIMARY KEY AUTOINCREMENT, order_id INTEGER, amount INTEGER);"

/* The image that a script leaves; with `all` every surrogate counts as issued. */
static struct image *image_of(const char *script, bool all)
{
	char path[] = "/tmp/race_digest_test_XXXXXX", reason[256] = "";
	struct story story;
	sqlite3 *db;

	close(mkstemp(path));
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, script, NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
	struct image *image = sqlite_image(path, "shop.db", reason, sizeof reason);
	assert_non_null(image);
	unlink(path);
	story_begin(&story);
	if (all)
		assert_int_equal(issued_mark(image, story_end(&story), 0), 0);
	return image;
}

static uint64_t digest_hash(const struct image *image)
{
	struct digest *digest = digest_open(image);
	uint64_t hash = digest->hash;

	digest_close(digest);
	return hash;
}

static bool equal(const char *left, const char *right, bool all)
{
	struct image *l = image_of(left, all), *r = image_of(right, all);
	bool same = digest_hash(l) == digest_hash(r);

	image_close(l);
	image_close(r);
	return same;
}

static void row_order_means_nothing(void **state)
{
	(void)state;
	assert_true(equal("CREATE TABLE t(a, b); INSERT INTO t VALUES(1, 2), (3, 4)",
		"CREATE TABLE t(a, b); INSERT INTO t VALUES(3, 4), (1, 2)", false));
}

static void values_types_and_counts_mean_something(void **state)
{
	static const char *const base = "CREATE TABLE t(a, b); INSERT INTO t VALUES(1, 2), (3, 4)";

	(void)state;
	assert_false(equal(base, "CREATE TABLE t(a, b); INSERT INTO t VALUES(1, 4), (3, 2)", false));
	assert_false(equal(base, "CREATE TABLE t(a, b); INSERT INTO t VALUES('1', 2), (3, 4)", false));
	assert_false(equal(base, "CREATE TABLE t(a, b); INSERT INTO t VALUES(1, 2), (3, 4), (3, 4)", false));
	assert_false(equal(base, "CREATE TABLE u(a, b); INSERT INTO u VALUES(1, 2), (3, 4)", false));
	assert_false(equal(base, "CREATE TABLE t(a, b); INSERT INTO t VALUES(1, 2), (3, 4); CREATE TABLE e(x)", false));
	assert_false(equal("CREATE TABLE t(a); INSERT INTO t VALUES(1), (1)",
		"CREATE TABLE t(a); INSERT INTO t VALUES(2), (2)", false));
}

static void issued_ids_are_renamed_with_their_references(void **state)
{
	(void)state;
	static const char *const one = SHOP "INSERT INTO orders VALUES(1, 'tea'), (2, 'jam');"
		"INSERT INTO payments VALUES(1, 1, 10), (2, 2, 20)";
	static const char *const swapped = SHOP "INSERT INTO orders VALUES(2, 'tea'), (1, 'jam');"
		"INSERT INTO payments VALUES(7, 1, 20), (9, 2, 10)";
	static const char *const crossed = SHOP "INSERT INTO orders VALUES(1, 'tea'), (2, 'jam');"
		"INSERT INTO payments VALUES(1, 2, 10), (2, 1, 20)";
	static const char *const doubled = SHOP "INSERT INTO orders VALUES(1, 'tea'), (2, 'jam');"
		"INSERT INTO payments VALUES(1, 1, 10), (2, 1, 20)";

	assert_true(equal(one, swapped, true));
	assert_false(equal(one, crossed, true));
	assert_false(equal(one, doubled, true));
}

static void ids_from_before_the_units_keep_their_value(void **state)
{
	struct story story;
	struct image *left = image_of(SHOP "INSERT INTO orders VALUES(1, 'x'), (2, 'x'); INSERT INTO payments "
		"VALUES(5, 1, 10)", false);
	struct image *right = image_of(SHOP "INSERT INTO orders VALUES(1, 'x'), (2, 'x'); INSERT INTO payments "
		"VALUES(6, 2, 10)", false);

	(void)state;
	story_begin(&story);
	story_step(&story, 1, OP_SQLITE_STEP, STORY_DATABASE);
	story_row(&story, 1, "orders", 1, 'i');
	story_row(&story, 1, "orders", 2, 'i');
	story_step(&story, 1, OP_SQLITE_STEP, STORY_DATABASE);
	story_row(&story, 1, "PAYMENTS", 5, 'i');
	story_row(&story, 1, "payments", 6, 'i');
	assert_int_equal(issued_mark(left, story_end(&story), 1), 0);
	assert_int_equal(issued_mark(right, story_end(&story), 1), 0);
	assert_string_equal(left->tables[1].values[0].bytes, "s5");
	assert_string_equal(left->tables[0].values[0].bytes, "i1");
	assert_int_not_equal(digest_hash(left), digest_hash(right));
	image_close(left);
	image_close(right);
}

/* Learns from two images; returns what was learned, separated by commas, and whether they are equal now. */
static const char *learned(const char *left, const char *right, bool *same)
{
	static char text[256];
	struct image *l = image_of(left, true), *r = image_of(right, true);
	struct mask *mask = mask_open(NULL);

	mask_apply(mask, l);
	mask_apply(mask, r);
	assert_true(mask_learn(mask, l, r) >= 0);
	*same = digest_hash(l) == digest_hash(r);
	text[0] = '\0';
	for (uint32_t i = 0; mask_learned(mask, i); i++)
		snprintf(text + strlen(text), sizeof text - strlen(text), "%s%s", i ? "," : "", mask_learned(mask, i));
	mask_close(mask);
	image_close(l);
	image_close(r);
	return text;
}

static void what_differs_between_equal_runs_is_learned(void **state)
{
	bool same;

	(void)state;
	assert_string_equal(learned("CREATE TABLE t(a, at); INSERT INTO t VALUES('x', 1700000000)",
		"CREATE TABLE t(a, at); INSERT INTO t VALUES('x', 1703000000)", &same), "t.at");
	assert_true(same);
	assert_string_equal(learned("CREATE TABLE t(a); INSERT INTO t VALUES(1)",
		"CREATE TABLE t(a); INSERT INTO t VALUES(1), (2)", &same), "t");
	assert_true(same);
	assert_string_equal(learned("CREATE TABLE t(k INT PRIMARY KEY, a, b); INSERT INTO t VALUES(1, 5, 7), (2, 6, 7)",
		"CREATE TABLE t(k INT PRIMARY KEY, a, b); INSERT INTO t VALUES(1, 6, 7), (2, 5, 7)", &same), "t.a,t.b");
	assert_true(same);
	assert_string_equal(learned("CREATE TABLE t(a); INSERT INTO t VALUES(1)",
		"CREATE TABLE t(a); INSERT INTO t VALUES(1)", &same), "");
}

/* A mask that has learned from tokens or times, applied to two contents. */
static bool equal_masked(const char *first, const char *second, const char *left, const char *right)
{
	struct image *images[] = {image_of(first, true), image_of(second, true), image_of(left, true),
		image_of(right, true)};
	struct mask *mask = mask_open(NULL);

	assert_int_equal(mask_learn(mask, images[0], images[1]) > 0, 1);
	mask_apply(mask, images[2]);
	mask_apply(mask, images[3]);
	bool same = digest_hash(images[2]) == digest_hash(images[3]);
	for (int i = 0; i < 4; i++)
		image_close(images[i]);
	mask_close(mask);
	return same;
}

static void equality_of_random_tokens_counts(void **state)
{
	static const char *const first = "CREATE TABLE t(a); INSERT INTO t VALUES('3f2a9c01d4'), ('77aa02be19')";
	static const char *const second = "CREATE TABLE t(a); INSERT INTO t VALUES('91bb12cd0e'), ('20fe88ac71')";

	(void)state;
	assert_true(equal_masked(first, second, first, second));
	assert_false(equal_masked(first, second, first, "CREATE TABLE t(a); INSERT INTO t VALUES('aaaaaaaaaa'), "
		"('aaaaaaaaaa')"));
	assert_false(equal_masked(first, second, first, "CREATE TABLE t(a); INSERT INTO t VALUES('aaaaaaaaaa'), (NULL)"));
}

static void equality_of_times_does_not(void **state)
{
	static const char *const texts[][2] = {{"1700000000", "1703000000"}, {"'2023-11-14 22:13:20'", "'2023-12-25'"},
		{"1700000000123", "1703000000123"}, {"17", "23"}, {"'paid at 22:13'", "'paid at 08:01'"}};
	char scripts[4][128];

	(void)state;
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		snprintf(scripts[0], 128, "CREATE TABLE t(a); INSERT INTO t VALUES(%s), (%s)", texts[i][0], texts[i][0]);
		snprintf(scripts[1], 128, "CREATE TABLE t(a); INSERT INTO t VALUES(%s), (%s)", texts[i][1], texts[i][1]);
		snprintf(scripts[2], 128, "CREATE TABLE t(a); INSERT INTO t VALUES(%s), (%s)", texts[i][0], texts[i][1]);
		snprintf(scripts[3], 128, "CREATE TABLE t(a); INSERT INTO t VALUES(NULL), (%s)", texts[i][1]);
		assert_true(equal_masked(scripts[0], scripts[1], scripts[0], scripts[2]));
		assert_false(equal_masked(scripts[0], scripts[1], scripts[0], scripts[3]));
	}
}

static void ignored_names_are_not_compared(void **state)
{
	static const char *const ignores[] = {"log", "T.at", NULL};
	struct image *left = image_of("CREATE TABLE t(a, at); CREATE TABLE log(x); INSERT INTO t VALUES(1, 2)", false);
	struct image *right = image_of("CREATE TABLE t(a, at); CREATE TABLE log(x); INSERT INTO t VALUES(1, 3);"
		"INSERT INTO log VALUES('y')", false);
	struct mask *mask = mask_open(ignores);

	(void)state;
	assert_int_not_equal(digest_hash(left), digest_hash(right));
	mask_apply(mask, left);
	mask_apply(mask, right);
	assert_int_equal(digest_hash(left), digest_hash(right));
	assert_null(mask_learned(mask, 0));
	mask_close(mask);
	image_close(left);
	image_close(right);
}

static void differences_are_counted(void **state)
{
	struct digest_difference out[4];
	struct image *left = image_of("CREATE TABLE a(x); CREATE TABLE b(x); CREATE TABLE c(x); INSERT INTO a VALUES(1), "
		"(2), (2); INSERT INTO c VALUES(9)", false);
	struct image *right = image_of("CREATE TABLE a(x); CREATE TABLE c(x); INSERT INTO a VALUES(1), (2), (3), (4); "
		"INSERT INTO c VALUES(9)", false);

	(void)state;
	assert_int_equal(digest_difference(left, right, out, 4), 2);
	assert_string_equal(out[0].table, "a");
	assert_int_equal(out[0].nextra, 1);
	assert_int_equal(out[0].nmissing, 2);
	assert_int_equal(out[0].left_rows, 3);
	assert_int_equal(out[0].right_rows, 4);
	assert_int_equal(out[0].missing, 2);
	assert_string_equal(out[1].table, "b");
	assert_int_equal(out[1].right_table, -1);
	assert_int_equal(digest_difference(left, left, out, 4), 0);
	image_close(left);
	image_close(right);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(row_order_means_nothing),
		cmocka_unit_test(values_types_and_counts_mean_something),
		cmocka_unit_test(issued_ids_are_renamed_with_their_references),
		cmocka_unit_test(ids_from_before_the_units_keep_their_value),
		cmocka_unit_test(what_differs_between_equal_runs_is_learned),
		cmocka_unit_test(equality_of_random_tokens_counts),
		cmocka_unit_test(equality_of_times_does_not),
		cmocka_unit_test(ignored_names_are_not_compared),
		cmocka_unit_test(differences_are_counted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
