/* Which database server is meant, by port, path and first message. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "shared/network.h"

static void expect(enum database_server server, const void *bytes, uint32_t nbytes)
{
	assert_int_equal(network_server_of(bytes, nbytes), server);
}

static void test_places(void **state)
{
	(void)state;
	assert_int_equal(network_server_at(5432, NULL), DATABASE_SERVER_POSTGRES);
	assert_int_equal(network_server_at(3306, NULL), DATABASE_SERVER_MYSQL);
	assert_int_equal(network_server_at(6379, NULL), DATABASE_SERVER_REDIS);
	assert_int_equal(network_server_at(8080, NULL), DATABASE_SERVER_NONE);
	assert_int_equal(network_server_at(0, NULL), DATABASE_SERVER_NONE);
	assert_int_equal(network_server_at(0, "/run/mysqld/mysqld.sock"), DATABASE_SERVER_MYSQL);
	assert_int_equal(network_server_at(0, "/tmp/.s.PGSQL.5433"), DATABASE_SERVER_POSTGRES);
	assert_int_equal(network_server_at(0, "/run/nscd/socket"), DATABASE_SERVER_NONE);
}

static void test_postgres(void **state)
{
	static const uint8_t start[] = "\0\0\0\x13\0\3\0\0user\0shop\0", ssl[] = {0, 0, 0, 8, 4, 0xd2, 0x16, 0x2f};

	(void)state;
	expect(DATABASE_SERVER_POSTGRES, start, 0x13);
	expect(DATABASE_SERVER_NONE, start, 0x12);
	expect(DATABASE_SERVER_POSTGRES, ssl, sizeof ssl);
	expect(DATABASE_SERVER_NONE, ssl, 7);
}

static void test_mysql(void **state)
{
	uint8_t response[36] = {32, 0, 0, 1, 0x0d, 0x0a, 0, 0, 0, 0, 0, 1, 45};

	(void)state;
	expect(DATABASE_SERVER_MYSQL, response, 36);
	expect(DATABASE_SERVER_NONE, response, 35);
	response[20] = 1;
	expect(DATABASE_SERVER_NONE, response, 36);
}

static void test_redis(void **state)
{
	static const char *const others[] = {"", "*", "*1", "*\r\n$1\r\nx", "*1\r\n$\r\n\r\n\r\n", "GET / HTTP/1.1\r\n\r\n", "*1\r\n:5\r\n\r\n"};

	(void)state;
	expect(DATABASE_SERVER_REDIS, "*1\r\n$4\r\nPING\r\n", 14);
	expect(DATABASE_SERVER_REDIS, "*12\r\n$10\r\n", 10);
	for (size_t i = 0; i < sizeof others / sizeof *others; i++)
		expect(DATABASE_SERVER_NONE, others[i], (uint32_t)strlen(others[i]));
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_places), cmocka_unit_test(test_postgres),
		cmocka_unit_test(test_mysql), cmocka_unit_test(test_redis)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
