/* MySQL's protocol as the manuals describe it, and as MariaDB's client library and server spoke it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "runtime/shared/hash.h"
#include "wire_script.h"

enum {
	FULL = 0xffffff,
	CAP_MYSQL = 1,
	CAP_41 = 0x200,
	CAP_TLS = 0x800,
	CAP_SECURE = 0x8000,
	CAP_NO_EOF = 0x1000000,
	CAP_ATTRIBUTES = 0x8000000,
	USUAL = CAP_MYSQL | CAP_41 | CAP_SECURE,
};

static void packet(struct wire_script *script, char from, uint8_t sequence, const void *body, size_t nbytes)
{
	uint8_t *bytes = malloc(nbytes + 4);

	for (int i = 0; i < 3; i++)
		bytes[i] = (uint8_t)(nbytes >> 8 * i);
	bytes[3] = sequence;
	memcpy(bytes + 4, body, nbytes);
	wire_script_add(script, from, bytes, nbytes + 4);
	free(bytes);
}

/* A body without its last NUL, which C adds. */
#define CLIENT(sequence, body) packet(script, 'C', sequence, body, sizeof body - 1)
#define SERVER(sequence, body) packet(script, 'S', sequence, body, sizeof body - 1)

static void greet(struct wire_script *script, uint32_t capabilities, uint32_t extended)
{
	uint8_t body[] = "\x0a"
			 "10.1\0"
			 "\7\0\0\0"
			 "saltsalt\0"
			 "ll\0\0\0hh\x15\0\0\0\0\0\0eeee"
			 "saltsaltsalt";
	uint8_t *low = body + 1 + 5 + 4 + 9;

	low[0] = (uint8_t)capabilities;
	low[1] = (uint8_t)(capabilities >> 8);
	low[5] = (uint8_t)(capabilities >> 16);
	low[6] = (uint8_t)(capabilities >> 24);
	memset(low + 7 + 1 + 6, 0, 4);
	low[7 + 1 + 6] = (uint8_t)extended;
	packet(script, 'S', 0, body, sizeof body);
}

static void answer(struct wire_script *script, uint32_t capabilities, uint32_t extended)
{
	uint8_t body[] = "cccc"
			 "\0\0\0\1"
			 "\x21"
			 "0123456789012345678"
			 "eeee"
			 "shop\0"
			 "\2xx";

	for (int i = 0; i < 4; i++)
		body[i] = (uint8_t)(capabilities >> 8 * i);
	memset(body + 28, 0, 4);
	body[28] = (uint8_t)extended;
	packet(script, 'C', 1, body, sizeof body - 1);
}

#define STARTED "session name=\"shop\" text=\"\" backend\n"
#define OK "\0\0\0\2\0\0\0"
#define END "\xfe\0\0\2\0"

static struct wire_script *started(uint32_t capabilities, uint32_t extended)
{
	struct wire_script *script = wire_script_open();

	greet(script, capabilities, extended);
	answer(script, capabilities, extended);
	SERVER(2, OK);
	return script;
}

static void expect(struct wire_script *script, const char *events)
{
	wire_script_expect(script, WIRE_MYSQL, events);
	wire_script_close(script);
}

static bool is_waiting_after(const struct wire_script *script)
{
	struct wire wire;

	free(wire_script_play(script, WIRE_MYSQL, WIRE_BYTES, &wire));
	return wire_is_waiting(&wire);
}

static void test_connecting_takes_rounds(void **state)
{
	(void)state;
	struct wire_script *script = wire_script_open();
	assert_true(is_waiting_after(script));
	greet(script, USUAL, 0);
	assert_false(is_waiting_after(script));
	answer(script, USUAL, 0);
	assert_true(is_waiting_after(script));
	SERVER(2,
		"\xfe"
		"caching_sha2_password\0salt\0");
	assert_false(is_waiting_after(script));
	CLIENT(3, "hash");
	SERVER(4, "\1\3");
	assert_true(is_waiting_after(script));
	SERVER(5, OK);
	assert_false(is_waiting_after(script));
	expect(script, STARTED);
}

static void test_refused(void **state)
{
	(void)state;
	struct wire_script *script = wire_script_open();
	greet(script, USUAL, 0);
	answer(script, USUAL, 0);
	SERVER(2, "\xff\x15\4#28000no");
	expect(script,
		"result error code=28000 number=1045 text=\"no\"\nleft ended text=\"the server ended the session\"\n");
	script = wire_script_open();
	SERVER(0, "\xff\x10\4too many");
	expect(script,
		"result error number=1040 text=\"too many\"\nleft ended text=\"the server ended the session\"\n");
}

static void ignore(void *context, const struct wire_event *event)
{
	(void)context;
	(void)event;
}

/* The client has asked for TLS: it answers the greeting again, in full, and what numbers packets goes on. */
static void test_text_of_what_is_encrypted_is_told(void **state)
{
	struct wire_script *script = wire_script_open(), *text = wire_script_open();
	struct wire_visitor visitor = {ignore, NULL};
	struct wire wire;

	(void)state;
	greet(script, USUAL | CAP_TLS, 0);
	answer(text, USUAL | CAP_TLS, 0);
	packet(script, 'C', 1, text->pieces[0].bytes + 4, 32);
	free(wire_script_play(script, WIRE_MYSQL, WIRE_WHOLE, &wire));
	assert_int_equal(wire_state(&wire), WIRE_ENCRYPTED);
	wire_lift(&wire);
	assert_false(wire_is_waiting(&wire));
	text->pieces[0].bytes[3] = 2;
	wire_sent(&wire, text->pieces[0].bytes, text->pieces[0].nbytes, visitor);
	assert_true(wire_is_waiting(&wire));
	wire_received(&wire, "\7\0\0\3\0\0\0\2\0\0\0", 11, visitor);
	assert_int_equal(wire_state(&wire), WIRE_READY);
	wire_script_close(script);
	wire_script_close(text);
}

static void test_what_is_not_followed_is_named(void **state)
{
	(void)state;
	struct wire_script *script = wire_script_open();
	greet(script, USUAL | CAP_TLS, 0);
	CLIENT(1,
		"\0\x0a\0\0"
		"\0\0\0\1"
		"\x21"
		"01234567890123456789012");
	wire_script_text(script, 'C', "\x16\x03\x01");
	expect(script, "left encrypted text=\"TLS\"\n");
	expect(started(USUAL | 0x20, 0), STARTED "left unsupported text=\"compression\"\n");
	script = wire_script_open();
	SERVER(0,
		"\x09"
		"3.20\0");
	expect(script, "left unsupported text=\"version of the protocol\"\n");
	script = started(USUAL, 0);
	CLIENT(0, "\x12\4\0\0\0");
	expect(script, STARTED "left unsupported text=\"replication\"\n");
}

/* Columns, EOF, rows, EOF; or, without EOF, rows behind columns and an OK at the end. */
static void test_rows(void **state)
{
	(void)state;
	static const char events[] =
		STARTED "statement query statement=1 name=\"query\" text=\"SELECT 1\"\n"
			"request nstatements=1\nresult statement=1 rows=2 digest\nreply nstatements=1 in-transaction\n";
	struct wire_script *script = started(USUAL, 0);
	CLIENT(0, "\3SELECT 1");
	SERVER(1, "\1");
	SERVER(2, "\3def");
	SERVER(3, END);
	SERVER(4, "\1x");
	SERVER(5, "\xfb");
	assert_true(is_waiting_after(script));
	SERVER(6, "\xfe\0\0\3\0");
	assert_false(is_waiting_after(script));
	expect(script, events);
	script = started(USUAL | CAP_NO_EOF, 0);
	CLIENT(0, "\3SELECT 1");
	SERVER(1, "\1");
	SERVER(2, "\3def");
	SERVER(3, "\1x");
	SERVER(4, "\xfb");
	SERVER(5, "\xfe\0\0\3\0\0\0");
	expect(script, events);
}

/* Writing what is there already changes no row, but finds some. */
static void test_rows_that_stay_the_same(void **state)
{
	(void)state;
	struct wire_script *script = started(USUAL, 0);
	CLIENT(0, "\3UPDATE t SET a = 1");
	SERVER(1, "\0\0\0\2\0\0\0\50Rows matched: 32  Changed: 0  Warnings: 0");
	CLIENT(0, "\3UPDATE t SET a = 2");
	SERVER(1, "\0\0\0\2\0\0\0\47Rows matched: 0  Changed: 0  Warnings: 0");
	expect(script,
		STARTED "statement query statement=1 name=\"query\" text=\"UPDATE t SET a = 1\"\nrequest nstatements=1\n"
			"result statement=1 affected=32\nreply nstatements=1\n"
			"statement query statement=2 name=\"query\" text=\"UPDATE t SET a = 2\"\nrequest nstatements=1\n"
			"result statement=2\nreply nstatements=1\n");
}

/* MariaDB's client may have seen the columns of a prepared statement before. */
static void test_columns_left_out(void **state)
{
	(void)state;
	struct wire_script *script = started(USUAL & ~CAP_MYSQL, 0x10);
	CLIENT(0, "\3SELECT 1");
	SERVER(1, "\1\0");
	SERVER(2, END);
	SERVER(3, "\1x");
	SERVER(4, END);
	expect(script,
		STARTED "statement query statement=1 name=\"query\" text=\"SELECT 1\"\nrequest nstatements=1\n"
			"result statement=1 rows=1 digest\nreply nstatements=1\n");
}

static void test_error_among_rows_and_progress(void **state)
{
	(void)state;
	struct wire_script *script = started(USUAL, 0);
	CLIENT(0, "\3SELECT 1");
	SERVER(1, "\xff\xff\xff\1\1\1\0\0\0\4copy");
	SERVER(2, "\1");
	SERVER(3, "\3def");
	SERVER(4, END);
	SERVER(5, "\1x");
	SERVER(6, "\xff\x25\5#70100killed");
	expect(script,
		STARTED "statement query statement=1 name=\"query\" text=\"SELECT 1\"\nrequest nstatements=1\n"
			"result statement=1 error rows=1 code=70100 number=1317 text=\"killed\" digest\n"
			"reply nstatements=1 error code=70100 number=1317\n");
}

static void test_prepared_without_eof(void **state)
{
	(void)state;
	struct wire_script *script = started(USUAL | CAP_NO_EOF, 0);
	CLIENT(0, "\x16SELECT ?, ?");
	SERVER(1, "\0\5\0\0\0\2\0\2\0\0\0\0");
	for (uint8_t i = 2; i < 6; i++) {
		assert_true(is_waiting_after(script));
		SERVER(i, "\3def");
	}
	assert_false(is_waiting_after(script));
	CLIENT(0,
		"\x17\5\0\0\0\0\1\0\0\0"
		"\2"
		"\1"
		"\x0f\0\6\0"
		"\2hi");
	SERVER(1, OK);
	expect(script,
		STARTED "statement prepare statement=1 name=\"prepare\" text=\"SELECT ?, ?\"\nrequest nstatements=1\n"
			"result statement=1 id=5 nparameters=2\nreply nstatements=1\n"
			"statement execute statement=2 id=5 name=\"execute\" nparameters=2 parameters source\n"
			"parameter text=\"hi\"\nparameter is-null index=1\nrequest nstatements=1\n"
			"result statement=2\nreply nstatements=1\n");
}

/* MySQL 8 sends a query's attributes in front of its text. */
static void test_attributes(void **state)
{
	(void)state;
	struct wire_script *script = started(USUAL | CAP_ATTRIBUTES, 0);
	CLIENT(0, "\3\0\1SELECT 1");
	SERVER(1, OK);
	CLIENT(0, "\3\1\1\0\1\xfd\0\4name\5valueSELECT 2");
	SERVER(1, OK);
	expect(script,
		STARTED "statement query statement=1 name=\"query\" text=\"SELECT 1\"\nrequest nstatements=1\n"
			"result statement=1\nreply nstatements=1\n"
			"statement query statement=2 name=\"query\" text=\"SELECT 2\"\nrequest nstatements=1\n"
			"result statement=2\nreply nstatements=1\n");
}

static void test_changing_the_user(void **state)
{
	(void)state;
	struct wire_script *script = started(USUAL, 0);
	CLIENT(0, "\x11other\0\0\0");
	SERVER(1, "\xfeplugin\0salt\0");
	assert_false(is_waiting_after(script));
	CLIENT(2, "\3not a query");
	assert_true(is_waiting_after(script));
	SERVER(3, OK);
	expect(script,
		STARTED "statement command statement=1 name=\"change user\"\nrequest nstatements=1\n"
			"result statement=1\nreply nstatements=1\n");
}

static void test_malformed_is_lost(void **state)
{
	(void)state;
	struct wire_script *script = started(USUAL, 0);
	CLIENT(1, "\3SELECT 1");
	expect(script, STARTED "left lost text=\"malformed request\"\n");
	script = started(USUAL, 0);
	SERVER(0, OK);
	expect(script, STARTED "left lost text=\"replies that do not match the requests\"\n");
	script = started(USUAL, 0);
	CLIENT(0, "\x0e");
	SERVER(1, "");
	expect(script,
		STARTED "statement command statement=1 name=\"ping\"\nrequest nstatements=1\n"
			"left lost text=\"malformed reply\"\n");
	script = wire_script_open();
	SERVER(0, "SSH-2.0");
	expect(script, "left lost text=\"malformed reply\"\n");
}

static void count(void *context, const struct wire_event *event)
{
	struct wire_event *last = context;

	if (event->kind == WIRE_STATEMENT || event->kind == WIRE_RESULT)
		*last = *event;
}

/* A packet of 16 MB less one byte is continued, if need be by an empty one. */
static void check_split(size_t nbytes)
{
	struct wire_script *script = started(USUAL, 0);
	struct wire_event last = {0};
	struct wire wire;
	char *body = malloc(nbytes);

	memset(body, 'x', nbytes);
	body[0] = 3;
	packet(script, 'C', 0, body, FULL);
	packet(script, 'C', 1, body + FULL, nbytes - FULL);
	wire_open(&wire, WIRE_MYSQL);
	for (size_t i = 0; i < script->npieces; i++) {
		struct wire_piece *piece = &script->pieces[i];
		struct wire_visitor visitor = {count, &last};
		(piece->from == 'C' ? wire_sent : wire_received)(&wire, piece->bytes, piece->nbytes, visitor);
	}
	assert_int_equal(last.text.length, nbytes - 1);
	assert_true(last.text.hash == hash_bytes(HASH_START, body + 1, nbytes - 1));
	assert_true(wire_is_waiting(&wire));
	free(body);
	wire_script_close(script);
}

static void test_split_packets(void **state)
{
	(void)state;
	check_split(FULL);
	check_split(FULL + 1000);
}

/* A row that long is one row. */
static void test_split_row(void **state)
{
	(void)state;
	struct wire_script *script = started(USUAL, 0);
	struct wire_event last = {0};
	struct wire wire;
	char *row = calloc(1, FULL);

	row[0] = (char)0xfd;
	CLIENT(0, "\3SELECT 1");
	SERVER(1, "\1");
	SERVER(2, "\3def");
	SERVER(3, END);
	packet(script, 'S', 4, row, FULL);
	SERVER(5, "\xfe\0\0\3\0"); /* its end, whatever it looks like */
	SERVER(6, END);
	wire_open(&wire, WIRE_MYSQL);
	for (size_t i = 0; i < script->npieces; i++) {
		struct wire_piece *piece = &script->pieces[i];
		struct wire_visitor visitor = {count, &last};
		(piece->from == 'C' ? wire_sent : wire_received)(&wire, piece->bytes, piece->nbytes, visitor);
	}
	assert_int_equal(last.kind, WIRE_RESULT);
	assert_int_equal(last.rows, 1);
	assert_int_equal(wire_transaction(&wire), WIRE_IDLE);
	assert_false(wire_is_waiting(&wire));
	free(row);
	wire_script_close(script);
}

static void test_real_ones(void **state)
{
	(void)state;
	static const char *const names[] = {"text", "prepared", "infile", "compressed", "client", "deadlock"};
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		char name[64] = "mysql_";
		wire_script_expect_file(strcat(name, names[i]), WIRE_MYSQL);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_connecting_takes_rounds),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_text_of_what_is_encrypted_is_told),
		cmocka_unit_test(test_what_is_not_followed_is_named),
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_rows_that_stay_the_same),
		cmocka_unit_test(test_columns_left_out),
		cmocka_unit_test(test_error_among_rows_and_progress),
		cmocka_unit_test(test_prepared_without_eof),
		cmocka_unit_test(test_attributes),
		cmocka_unit_test(test_changing_the_user),
		cmocka_unit_test(test_malformed_is_lost),
		cmocka_unit_test(test_split_packets),
		cmocka_unit_test(test_split_row),
		cmocka_unit_test(test_real_ones),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
