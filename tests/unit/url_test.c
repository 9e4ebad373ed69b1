#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "explorer/db/url.h"

static struct url url;
static const char *wrong;

static void parts_are_read(void **state)
{
	(void)state;
	assert_true(url_read(&url, "mysql://me:p%40s%3as@example.org:3307/shop", &wrong));
	assert_string_equal(url.user, "me");
	assert_string_equal(url.password, "p@s:s");
	assert_string_equal(url.host, "example.org");
	assert_int_equal(url.port, 3307);
	assert_string_equal(url.database, "shop");
	assert_string_equal(url.socket, "");
}

static void parameters_are_read(void **state)
{
	(void)state;
	assert_true(url_read(&url, "mysql:///shop?socket=%2Ftmp/a&user=me&password=a%26b&host=h&port=1", &wrong));
	assert_string_equal(url.socket, "/tmp/a");
	assert_string_equal(url.user, "me");
	assert_string_equal(url.password, "a&b");
	assert_string_equal(url.host, "h");
	assert_int_equal(url.port, 1);
}

static void addresses_of_ipv6_are_in_brackets(void **state)
{
	(void)state;
	assert_true(url_read(&url, "redis://:secret@[::1]:7000/2", &wrong));
	assert_string_equal(url.host, "::1");
	assert_int_equal(url.port, 7000);
	assert_string_equal(url.user, "");
	assert_string_equal(url.password, "secret");
	assert_true(url_read(&url, "redis://[::1]", &wrong));
	assert_string_equal(url.host, "::1");
	assert_int_equal(url.port, 0);
	assert_string_equal(url.database, "");
}

static void what_cannot_be_read_is_refused(void **state)
{
	static const char *const texts[] = {"mysql:shop", "mysql://h:0/shop", "mysql://h:65536/shop", "mysql://h:x/shop",
		"mysql:///%", "mysql:///%0", "mysql:///a%00b", "mysql:///shop?sockt=x", "mysql:///shop?socket",
		"mysql://[::1]x/shop"};
	char text[URL_PART_BYTES + 20];

	(void)state;
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		assert_false(url_read(&url, texts[i], &wrong));
	memcpy(text, "mysql:///", 10);
	memset(text + 9, 'a', URL_PART_BYTES);
	text[9 + URL_PART_BYTES] = '\0';
	assert_false(url_read(&url, text, &wrong));
	text[9 + URL_PART_BYTES - 1] = '\0';
	assert_true(url_read(&url, text, &wrong));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(parts_are_read),
		cmocka_unit_test(parameters_are_read),
		cmocka_unit_test(addresses_of_ipv6_are_in_brackets),
		cmocka_unit_test(what_cannot_be_read_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
