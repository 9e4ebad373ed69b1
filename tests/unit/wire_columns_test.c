#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "shared/wire/wire_columns.h"

static const char *const kinds[] = {"?", "select", "insert", "update", "delete"};

/* As `update orders: status= id`: what is written has an equals sign, all columns are a star. */
static void tells(const char *sql, const char *expected)
{
	struct wire_columns columns;
	char text[2048];

	wire_columns_read(sql, &columns);
	strcpy(text, kinds[columns.kind]);
	if (columns.kind) {
		strcat(strcat(strcat(text, " "), columns.table), ":");
		for (uint32_t i = 0; i < columns.n; i++)
			strcat(strcat(strcat(text, " "), columns.items[i].name), columns.items[i].written ? "=" : "");
		strcat(text, columns.all ? " *" : "");
	}
	if (strcmp(text, expected) != 0)
		fail_msg("%s: `%s', expected `%s'", sql, text, expected);
}

static void test_update(void **state)
{
	(void)state;
	tells("UPDATE orders SET status = ? WHERE id = ?", "update orders: status= id");
	tells("UPDATE orders SET status = 'a, b', at = now() WHERE id = $1 AND status <> 'x'", "update orders: status= at= id status");
	tells("UPDATE a SET balance = balance - 1, n = (n + 1) WHERE id = 1;", "update a: balance= balance n= n id");
	tells("update only public.\"orders\" set \"status\" = $1::text returning id, status", "update orders: status= id status");
	tells("UPDATE t SET a = COALESCE(b, 1) WHERE (id = 1 OR id IN (2, 3)) AND c IS NOT NULL RETURNING *", "update t: a= b id c *");
}

static void test_select(void **state)
{
	(void)state;
	tells("SELECT status FROM orders WHERE id = $1", "select orders: status id");
	tells("SELECT o.id AS number, o.`status` s FROM orders AS o WHERE o.id = 1", "select orders: id status");
	tells("SELECT status = 'pending', 1 + n AS m, lower(name), (a) x FROM orders WHERE id = 1", "select orders: status n name a x id");
	tells("SELECT * FROM orders", "select orders: *");
	tells("SELECT o.*, 1 FROM orders o WHERE id = ? ORDER BY id DESC LIMIT 1 OFFSET 2", "select orders: id *");
}

static void test_others(void **state)
{
	(void)state;
	tells("INSERT INTO shipments (order_id, at) VALUES ($1, now()), (2, NULL) RETURNING id", "insert shipments:");
	tells("INSERT INTO shipments VALUES (1) ON CONFLICT (id) DO NOTHING", "insert shipments:");
	tells("DELETE FROM carts WHERE id = 1", "delete carts: id");
}

static void test_what_is_more(void **state)
{
	static const char *const statements[] = {"", "BEGIN", "SELECT 1", "SELECT status FROM orders WHERE id = 1 FOR UPDATE",
		"SELECT a FROM t LOCK IN SHARE MODE", "SELECT a FROM t, u", "SELECT a FROM t JOIN u ON u.id = t.id",
		"SELECT max(a) FROM t", "SELECT count(*) FROM t", "SELECT FROM t WHERE", "SELECT a, FROM t", "SELECT a FROM t WHERE id = (SELECT 1)", "SELECT a FROM t WHERE lock_it(id)",
		"SELECT a INTO b FROM t", "SELECT a FROM other.t", "SELECT a FROM t UNION SELECT b FROM u", "SELECT DISTINCT a FROM t",
		"UPDATE t SET a = (SELECT 1)", "UPDATE t SET a = 1 FROM u WHERE u.id = t.id", "UPDATE t o SET a = 1",
		"UPDATE t SET (a, b) = (1, 2)", "UPDATE t SET a = f(1)", "UPDATE t SET a = @b", "UPDATE t SET a = 1 ORDER BY b LIMIT 1",
		"UPDATE t, u SET a = 1", "UPDATE t SET a = 1 WHERE id = 1; DELETE FROM t", "UPDATE t SET a = 1 -- ?", "UPDATE t SET a = 'b\\'",
		"UPDATE t SET a = (1", "UPDATE t SET a = 1) WHERE id = 1", "UPDATE t SET a = $$b$$", "UPDATE t SET a = 'b",
		"UPDATE t SET a = b[1]", "INSERT INTO t SELECT 1", "INSERT INTO t VALUES (1) ON CONFLICT (id) DO UPDATE SET a = 1",
		"INSERT INTO t VALUES (1) ON DUPLICATE KEY UPDATE a = 1", "INSERT INTO t VALUES (f(1))", "DELETE t FROM t, u",
		"DELETE FROM t USING u", "MERGE INTO t USING u ON a = b", "WITH x AS (SELECT 1) UPDATE t SET a = 1", "UPDATE t SET a", NULL};

	(void)state;
	for (const char *const *sql = statements; *sql; sql++)
		tells(*sql, "?");
}

/* Cut anywhere, and with any of these characters in any place, nothing is read or written out of bounds. */
static void test_spoilt(void **state)
{
	static const char *const statements[] = {"UPDATE only public.t SET a = $1::text, b = coalesce(c, 'x''y') WHERE (id = 1) RETURNING *;",
		"SELECT o.a AS x, \"b\" y, 1 FROM `t` o WHERE id = ? AND c IN (1, 2) ORDER BY id LIMIT 1",
		"INSERT INTO t (a, b) VALUES (1, now()), (2, 'x') ON CONFLICT (a) DO NOTHING RETURNING a"};
	static const char odd[] = "'\"`()$?:;,.*= \t\n\\#-/9a\x80";

	(void)state;
	for (size_t i = 0; i < sizeof statements / sizeof *statements; i++)
		for (size_t at = 0; at < strlen(statements[i]); at++)
			for (size_t k = 0; k < sizeof odd; k++) {
				struct wire_columns columns;
				char *sql = strdup(statements[i]); /* of its own length, for sanitizers */
				sql[at] = odd[k];
				wire_columns_read(sql, &columns);
				assert_true(columns.kind <= WIRE_COLUMNS_DELETE && columns.n <= WIRE_COLUMNS);
				for (uint32_t n = 0; n < columns.n; n++)
					assert_non_null(memchr(columns.items[n].name, '\0', sizeof columns.items[n].name));
				free(sql);
			}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_update),
		cmocka_unit_test(test_select),
		cmocka_unit_test(test_others),
		cmocka_unit_test(test_what_is_more),
		cmocka_unit_test(test_spoilt),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
