/* Where HTTP messages begin and end, and what is kept of them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "shared/http.h"

static struct http http;

/* Takes all of the text; returns how many messages ended in it. */
static uint32_t take(const char *text)
{
	uint32_t nbytes = (uint32_t)strlen(text), nwhole = 0, events;

	while (nbytes > 0) {
		uint32_t taken = http_take(&http, (const uint8_t *)text, nbytes, &events);
		assert_in_range(taken, 1, nbytes);
		nwhole += (events & HTTP_DONE) != 0;
		text += taken;
		nbytes -= taken;
	}
	return nwhole;
}

static uint32_t take_anew(bool reply, const char *text)
{
	http_init(&http, reply);
	return take(text);
}

static uint64_t digest_of(const char *body)
{
	assert_int_equal(take_anew(true, "HTTP/1.0 200 OK\r\n\r\n"), 0);
	take(body);
	assert_true(http_close(&http));
	return http.digest;
}

static void test_requests(void **state)
{
	(void)state;
	assert_int_equal(take_anew(false, "GET /orders/1?token=secret HTTP/1.1\r\nHost: shop\r\n\r\n"), 1);
	assert_string_equal(http.name, "GET /orders/1");
	assert_int_equal(take_anew(false, "POST /webhook HTTP/1.1\r\nCONTENT-LENGTH:  7\r\ntraceparent: 00-ab-cd-01\r\n\r\norder="), 0);
	assert_string_equal(http.name, "POST /webhook");
	assert_string_equal(http.context, "00-ab-cd-01");
	assert_int_equal(take("1"), 1);
	assert_int_equal(take("DELETE /a HTTP/1.1\n\nGET http://shop/b HTTP/1.1\r\n\r\nOPTIONS * HTTP/1.1\r\n\r\n"), 3);
	assert_string_equal(http.name, "OPTIONS *");
	assert_string_equal(http.context, "");
}

static void test_chunks(void **state)
{
	(void)state;
	assert_int_equal(take_anew(true, "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n4;name=x\r\nabcd\r\nA\r\n0123456789\r\n0\r\n"), 0);
	assert_int_equal(take("Trailer: x\r\n"), 0);
	assert_int_equal(take("\r\n"), 1);
	assert_int_equal(http.status, 200);
}

static void test_replies(void **state)
{
	(void)state;
	assert_int_equal(take_anew(true, "HTTP/1.1 100 Continue\r\n\r\n"), 0);
	assert_int_equal(take("HTTP/1.1 404 Not Found\r\nContent-Length: 2\r\n\r\nno"), 1);
	assert_int_equal(http.status, 404);
	assert_int_equal(take_anew(true, "HTTP/1.1 304 Not Modified\r\nContent-Length: 100\r\n\r\n"), 1);
	http_init(&http, true);
	http.head = true;
	assert_int_equal(take("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n"), 1);
	assert_int_equal(take_anew(true, "HTTP/1.0 200 OK\r\n\r\nbody"), 0);
	assert_true(http_close(&http));
	assert_int_equal(take_anew(true, "HTTP/1.0 200 OK\r\nContent-Length: 9\r\n\r\nbody"), 0);
	assert_false(http_close(&http));
}

static void test_others(void **state)
{
	static const char *const others[] = {"*1\r\n$4\r\nPING\r\n", "get / HTTP/1.1\r\n\r\n", "GET\r\n\r\n", "GET / RTSP/1.0\r\n\r\n",
		"\x16\x03\x01", "HELO mail\r\n"};

	(void)state;
	for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
		assert_int_equal(take_anew(false, others[i]), 0);
		assert_int_equal(http.phase, HTTP_LOST);
		assert_int_equal(take("GET / HTTP/1.1\r\n\r\n"), 0);
	}
	assert_int_equal(take_anew(true, "HTTP/1.1 99 OK\r\n\r\n"), 0);
	assert_int_equal(http.phase, HTTP_LOST);
}

static void test_long_lines(void **state)
{
	char text[600];

	(void)state;
	memset(text, 'a', sizeof text);
	memcpy(text, "GET /", 5);
	memcpy(text + 500, " HTTP/1.1\r\n\r\n", 14);
	assert_int_equal(take_anew(false, text), 1);
	assert_int_equal(strlen(http.name), HTTP_NAME_BYTES - 1);
	memset(text, 'x', sizeof text);
	memcpy(text, "HTTP/1.1 200 OK\r\nCookie: ", 25);
	memcpy(text + 500, "\r\nContent-Length: 1\r\n\r\n1", 25);
	assert_int_equal(take_anew(true, text), 1);
}

static void test_digest(void **state)
{
	(void)state;
	assert_true(digest_of("{\"fulfilled\": true, \"id\": 17}") == digest_of("{\"fulfilled\": true, \"id\": 4}"));
	assert_true(digest_of("at 2026-11-26T12:30:00+01:00") == digest_of("at 2025-01-01T00:00:00Z"));
	assert_true(digest_of("id 3f2a") == digest_of("id 9e0c-77"));
	assert_true(digest_of("{\"fulfilled\": true}") != digest_of("{\"fulfilled\": false}"));
	assert_true(digest_of("1") != digest_of(""));
	assert_true(digest_of("yes") != digest_of("ye s"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_requests), cmocka_unit_test(test_chunks),
		cmocka_unit_test(test_replies), cmocka_unit_test(test_others), cmocka_unit_test(test_long_lines),
		cmocka_unit_test(test_digest)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
