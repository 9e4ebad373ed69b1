#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "shared/wire/wire_key.h"

/* The statement names these rows; "" none. Parameters: 1 is seven, 2 is `it's`, 3 is not told. */
static void names(const char *sql, const char *expected)
{
	struct wire_key_parameters parameters = {{"7", "it's"}};
	char key[WIRE_KEY_BYTES];

	wire_key_read(sql, key);
	wire_key_fill(key, &parameters);
	if (strcmp(key, expected) != 0)
		fail_msg("%s names `%s', expected `%s'", sql, key, expected);
}

static void test_literals(void **state)
{
	(void)state;
	names("UPDATE orders SET status = 'x' WHERE id = 5", "orders\tid=5");
	names("update only public.Orders o set a = a + 1 where o.ID = 5;", "orders\tid=5");
	names("UPDATE `my orders` SET a=1 WHERE `id`='a''b' AND n>3 and k = 2 LIMIT 1", "my orders\tid=a'b\tk=2");
	names("DELETE FROM carts WHERE user_id = -4 AND item = '' RETURNING 1", "carts\titem=");
	names("DELETE FROM carts WHERE user_id = 4 AND item = '' RETURNING 1", "carts\tuser_id=4\titem=");
	names("UPDATE t SET a = (SELECT 1 FROM u WHERE id = 1 OR id = 2) WHERE id = 3", "t\tid=3");
	names("UPDATE t SET a = 1 WHERE id = 3 AND EXISTS (SELECT 1 FROM u WHERE x = 1 or y = 2)", "t\tid=3");
}

static void test_what_names_no_rows(void **state)
{
	(void)state;
	names("UPDATE orders SET status = 'x'", "");
	names("UPDATE orders SET id = 5", "");
	names("UPDATE t SET a = 1 WHERE id = 3 OR id = 4", "");
	names("UPDATE t SET a = 1 WHERE id = 3 + 1", "");
	names("UPDATE t SET a = 1 WHERE id <> 3", "");
	names("UPDATE t SET a = 1 WHERE id IN (1, 2)", "");
	names("UPDATE t SET a = 1 WHERE id BETWEEN 1 AND 3", "");
	names("UPDATE t SET a = 1 WHERE name = 'a\\'b'", "");
	names("UPDATE t SET a = 1 WHERE id = 3; UPDATE t SET a = 1 WHERE id = 4", "");
	names("UPDATE t SET a = 1 WHERE id = 3 -- AND id = 4", "");
	names("SELECT * FROM t WHERE id = 1", "");
	names("INSERT INTO t VALUES (1)", "");
	names("UPDATE t SET a = 1 WHERE (id = 3", "");
	names("UPDATE", "");
	names("UPDATE t SET a = 'open WHERE id = 3", "");
	names("", "");
}

static void test_parameters(void **state)
{
	(void)state;
	names("UPDATE t SET a = $2 WHERE id = $1", "t\tid=7");
	names("UPDATE t SET a = ? WHERE name = ?", "t\tname=it's");
	names("UPDATE t SET a = 1 WHERE id = ? AND b = ? AND c = ?", "t\tid=7\tb=it's");
	names("UPDATE t SET a = 1 WHERE id = $1::integer AND b = '2'::text", "t\tid=7\tb=2");
	names("UPDATE t SET a = 1 WHERE id = $3", "");
	names("UPDATE t SET a = 1 WHERE id = $33", "");
	names("UPDATE t SET a = 1 WHERE id = '$1'", "");
}

static void told(const char *bytes, uint32_t nbytes, bool big, const char *expected)
{
	struct wire_key_parameters parameters = {0};
	struct wire_event event = {.kind = WIRE_PARAMETER, .index = 3, .is_binary = true};

	event.text = (struct wire_text){.bytes = bytes, .nbytes = nbytes, .length = nbytes};
	wire_key_note(&parameters, &event, big);
	assert_string_equal(parameters.texts[3], expected);
}

static void test_binary_numbers(void **state)
{
	(void)state;
	told("\0\0\1\2", 4, true, "258");
	told("\2\1\0\0", 4, false, "258");
	told("\xff\xff\xff\xfe", 4, true, "-2");
	told("\xfe\xff\xff\xff\xff\xff\xff\xff", 8, false, "-2");
	told("\0\0\0\0\0\0\0\x80", 8, false, "-9223372036854775808");
	told("", 0, false, "0");
	told("\0\0\0\0\0\0\0\0\1", 9, true, "");
}

static void test_long_values_are_left_out(void **state)
{
	(void)state;
	char sql[400], key[WIRE_KEY_BYTES];

	strcpy(sql, "UPDATE t SET a = 1 WHERE id = 1 AND name = '");
	memset(sql + strlen(sql), 'x', 60);
	strcpy(sql + strlen("UPDATE t SET a = 1 WHERE id = 1 AND name = '") + 60, "' AND b = 2 AND c = 3");
	wire_key_read(sql, key);
	assert_true(strncmp(key, "t\tid=1\tname=xxx", 15) == 0 && strstr(key, "\tc=3"));
	memset(sql + strlen("UPDATE t SET a = 1 WHERE id = 1 AND name = '"), 'y', 200);
	strcpy(sql + strlen("UPDATE t SET a = 1 WHERE id = 1 AND name = '") + 200, "' AND b = 2");
	wire_key_read(sql, key);
	assert_string_equal(key, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_literals),
		cmocka_unit_test(test_what_names_no_rows),
		cmocka_unit_test(test_parameters),
		cmocka_unit_test(test_binary_numbers),
		cmocka_unit_test(test_long_values_are_left_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
