/* What statements may leave in their session, by their text. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "shared/database.h"
#include "shared/session_marks.h"

enum { NOTHING = 0, CHANGES = SESSION_MARK_CHANGES, SETTINGS = SESSION_MARK_SETTINGS, LOCKS = SESSION_MARK_LOCKS,
	ANYTHING = SESSION_MARK_ANYTHING, DEFINES = SESSION_MARK_DEFINES, NUMBERS = SESSION_MARK_NUMBERS };

struct example {
	const char *sql;
	uint8_t marks;
};

static void expect(const struct example *examples, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (session_marks_of(examples[i].sql) != examples[i].marks)
			fail_msg("%s: %#x instead of %#x", examples[i].sql, session_marks_of(examples[i].sql), examples[i].marks);
}

#define EXPECT(...) \
	do { \
		static const struct example examples[] = {__VA_ARGS__}; \
		expect(examples, sizeof examples / sizeof *examples); \
	} while (0)

static void test_plain(void **state)
{
	(void)state;
	EXPECT({"SELECT status FROM orders WHERE id = $?", NOTHING},
		{"select count(*), max(a) from (select a from t) x where b in (?, ?) and (c or d)", NOTHING},
		{"SELECT * FROM orders WHERE id = ? FOR UPDATE", NOTHING}, {"SELECT last_insert_id(?)", NUMBERS},
		{"SELECT @@session.sql_mode", NOTHING},
		{"INSERT INTO shipments (order_id, at) VALUES (?, now()) ON CONFLICT (order_id) DO NOTHING", CHANGES | NUMBERS},
		{"INSERT INTO `shipments` (`order_id`) VALUES (?)", CHANGES | NUMBERS},
		{"UPDATE \"orders\" SET status = ? WHERE id = ? AND status = ?", CHANGES},
		{"DELETE FROM orders WHERE id IN (SELECT id FROM old)", CHANGES},
		{"CREATE TABLE t (id integer PRIMARY KEY, name varchar(?), UNIQUE (name))", CHANGES | DEFINES},
		{"BEGIN", NOTHING}, {"START TRANSACTION ISOLATION LEVEL SERIALIZABLE", NOTHING}, {"COMMIT", NOTHING},
		{"ROLLBACK TO SAVEPOINT a", NOTHING});
}

static void test_session(void **state)
{
	(void)state;
	EXPECT({"SET work_mem = ?", SETTINGS}, {"RESET ALL", SETTINGS}, {"USE shop", SETTINGS}, {"SET @a = ?", SETTINGS},
		{"SELECT id, @n FROM t", SETTINGS}, {"SELECT set_config(?, ?, ?)", SETTINGS},
		{"SELECT pg_advisory_lock(?)", LOCKS}, {"SELECT GET_LOCK(?, ?)", LOCKS},
		{"CREATE TEMP TABLE t (id int)", ANYTHING}, {"create temporary table t (id int)", ANYTHING},
		{"PREPARE a AS SELECT ?", ANYTHING}, {"DEALLOCATE ALL", ANYTHING}, {"DISCARD ALL", ANYTHING},
		{"LISTEN a", ANYTHING}, {"DECLARE c CURSOR FOR SELECT ?", ANYTHING}, {"LOCK TABLES a READ", ANYTHING},
		{"SELECT * INTO TEMP mine FROM orders", ANYTHING});
}

/* What is not known to be harmless may be anything. */
static void test_unknown(void **state)
{
	(void)state;
	EXPECT({"SELECT fulfil(?)", ANYTHING | CHANGES}, {"SELECT a, shop.fulfil(a) FROM t", ANYTHING | CHANGES},
		{"UPDATE t SET a = bump(a)", ANYTHING | CHANGES}, {"CALL fulfil(?)", ANYTHING | CHANGES},
		{"DO $?", ANYTHING | CHANGES}, {"", ANYTHING | CHANGES}, {"SELECT nextval(?)", ANYTHING | CHANGES},
		{"SELECT ?; SET work_mem = ?", ANYTHING | CHANGES},
		{"SET STATEMENT a = ? FOR DROP TABLE t", SETTINGS | DEFINES}, {"SET GLOBAL a = ?", SETTINGS | DEFINES},
		{"TRUNCATE t", CHANGES | DEFINES}, {"RENAME TABLE a TO b", ANYTHING | CHANGES},
		{"WITH gone AS (DELETE FROM t RETURNING *) SELECT count(*) FROM gone", CHANGES});
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_plain),
		cmocka_unit_test(test_session),
		cmocka_unit_test(test_unknown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
