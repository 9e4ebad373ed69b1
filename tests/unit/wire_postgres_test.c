/* PostgreSQL's protocol as its manual describes it, and as real clients and servers spoke it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "runtime/shared/hash.h"
#include "wire_script.h"

enum { LONG_BYTES = 20000 };

static void big(uint8_t *at, uint32_t number)
{
	for (int i = 0; i < 4; i++)
		at[i] = (uint8_t)(number >> (24 - 8 * i));
}

static void message(struct wire_script *script, char from, char type, const void *body, size_t nbytes)
{
	uint8_t *bytes = malloc(nbytes + 5);

	bytes[0] = (uint8_t)type;
	big(bytes + 1, (uint32_t)nbytes + 4);
	memcpy(bytes + 5, body, nbytes);
	wire_script_add(script, from, bytes, nbytes + 5);
	free(bytes);
}

/* A body without its last NUL, which C adds. */
#define CLIENT(type, body) message(script, 'C', type, body, sizeof body - 1)
#define SERVER(type, body) message(script, 'S', type, body, sizeof body - 1)

static void request(struct wire_script *script, uint32_t code)
{
	uint8_t bytes[8];

	big(bytes, 8);
	big(bytes + 4, code);
	wire_script_add(script, 'C', bytes, sizeof bytes);
}

static void start(struct wire_script *script)
{
	static const char packet[] = "\0\0\0\x23\0\3\0\0user\0shop\0database\0orders\0\0";

	wire_script_add(script, 'C', packet, 0x23);
}

#define STARTED "session name=\"shop\" text=\"orders\"\n"

static struct wire_script *started(void)
{
	struct wire_script *script = wire_script_open();

	start(script);
	SERVER('R', "\0\0\0\0");
	SERVER('Z', "I");
	return script;
}

static void expect(struct wire_script *script, const char *events)
{
	wire_script_expect(script, WIRE_POSTGRES, events);
	wire_script_close(script);
}

static bool is_waiting_after(const struct wire_script *script)
{
	struct wire wire;

	free(wire_script_play(script, WIRE_POSTGRES, WIRE_BYTES, &wire));
	return wire_is_waiting(&wire);
}

static bool is_sending_after(const struct wire_script *script)
{
	struct wire wire;

	free(wire_script_play(script, WIRE_POSTGRES, WIRE_BYTES, &wire));
	return wire_is_sending(&wire);
}

static void test_encryption_is_named(void **state)
{
	(void)state;
	struct wire_script *script = wire_script_open();
	request(script, 80877103);
	wire_script_text(script, 'S', "S\x16\x03\x03");
	wire_script_text(script, 'C', "\x16\x03\x01whatever");
	expect(script, "left encrypted text=\"TLS\"\n");

	script = wire_script_open();
	request(script, 80877104);
	wire_script_text(script, 'S', "G");
	expect(script, "left encrypted text=\"GSSAPI encryption\"\n");

	script = wire_script_open();
	wire_script_text(script, 'C', "\x16\x03\x01\x02more");
	expect(script, "left encrypted text=\"TLS\"\n");
}

static void ignore(void *context, const struct wire_event *event)
{
	(void)context;
	(void)event;
}

static void test_text_of_what_is_encrypted_is_told(void **state)
{
	static const char asks[] = "\0\0\0\x08\x04\xd2\x16\x2f";
	static const char starts[] = "\0\0\0\x23\0\3\0\0user\0shop\0database\0orders\0\0";
	struct wire_visitor visitor = {ignore, NULL};
	struct wire wire;

	(void)state;
	wire_open(&wire, WIRE_POSTGRES);
	wire_lift(&wire);
	wire_sent(&wire, asks, 8, visitor);
	wire_received(&wire, "S", 1, visitor);
	assert_int_equal(wire_state(&wire), WIRE_ENCRYPTED);
	wire_lift(&wire);
	assert_false(wire_is_waiting(&wire));
	wire_sent(&wire, starts, 0x23, visitor);
	assert_true(wire_is_waiting(&wire));
	wire_received(&wire, "R\0\0\0\x08\0\0\0\0Z\0\0\0\x05I", 15, visitor);
	assert_int_equal(wire_state(&wire), WIRE_READY);
	assert_string_equal(wire_reason(&wire), "");
}

static void test_refused_encryption_goes_on(void **state)
{
	(void)state;
	struct wire_script *script = wire_script_open();
	request(script, 80877104);
	wire_script_text(script, 'S', "N");
	request(script, 80877103);
	wire_script_text(script, 'S', "N");
	start(script);
	SERVER('R', "\0\0\0\0");
	SERVER('K', "\0\0\0\x07\1\2\3\4");
	SERVER('Z', "I");
	expect(script, "session name=\"shop\" text=\"orders\" backend\n");
}

static void test_who_is_next_while_connecting(void **state)
{
	(void)state;
	struct wire_script *script = wire_script_open();
	start(script);
	assert_true(is_waiting_after(script));
	SERVER('R', "\0\0\0\x0aSCRAM-SHA-256\0\0");
	assert_false(is_waiting_after(script));
	CLIENT('p', "SCRAM-SHA-256\0\0\0\0\1n");
	assert_true(is_waiting_after(script));
	SERVER('R', "\0\0\0\x0br=1");
	CLIENT('p', "c=1");
	SERVER('R', "\0\0\0\x0cv=1");
	assert_true(is_waiting_after(script));
	SERVER('R', "\0\0\0\0");
	SERVER('S',
		"server_version\0"
		"15\0");
	SERVER('Z', "I");
	assert_false(is_waiting_after(script));
	expect(script, STARTED);
}

static void test_refused_connection(void **state)
{
	(void)state;
	struct wire_script *script = wire_script_open();
	start(script);
	SERVER('E', "SFATAL\0VFATAL\0C28P01\0Mno\0\0");
	expect(script, "result error code=28P01 text=\"no\"\nleft ended text=\"the server ended the session\"\n");
}

static void test_waiting_ends_with_the_reply(void **state)
{
	(void)state;
	struct wire_script *script = started();
	CLIENT('Q', "COMMIT\0");
	assert_true(is_waiting_after(script));
	SERVER('C', "COMMIT\0");
	assert_true(is_waiting_after(script));
	SERVER('Z', "I");
	assert_false(is_waiting_after(script));
	CLIENT('P', "\0SELECT 1\0\0\0");
	assert_true(is_sending_after(script));
	assert_false(is_waiting_after(script));
	wire_script_close(script);
}

static void test_flush_is_answered_without_ready(void **state)
{
	(void)state;
	struct wire_script *script = started();
	CLIENT('P', "s\0SELECT $1\0\0\0");
	CLIENT('D', "Ss\0");
	CLIENT('H', "");
	SERVER('1', "");
	SERVER('t', "\0\1\0\0\0\x17");
	assert_true(is_waiting_after(script));
	SERVER('T', "\0\0");
	assert_false(is_waiting_after(script));
	CLIENT('S', "");
	SERVER('Z', "I");
	expect(script, STARTED "statement prepare name=\"s\" text=\"SELECT $1\"\nrequest\nreply\nrequest\nreply\n");
}

static void test_portal_is_fetched_in_parts(void **state)
{
	(void)state;
	struct wire_script *script = started();
	CLIENT('P', "\0SELECT 1\0\0\0");
	CLIENT('B', "c\0\0\0\0\0\0\0\0");
	CLIENT('E', "c\0\0\0\0\1");
	CLIENT('H', "");
	SERVER('1', "");
	SERVER('2', "");
	SERVER('D', "\0\1\0\0\0\1x");
	SERVER('s', "");
	CLIENT('E', "c\0\0\0\0\1");
	CLIENT('C', "Pc\0");
	CLIENT('S', "");
	SERVER('D', "\0\1\0\0\0\1y");
	SERVER('C', "SELECT 1\0");
	SERVER('3', "");
	SERVER('Z', "T");
	expect(script,
		STARTED "statement prepare name=\"\" text=\"SELECT 1\"\nstatement bind name=\"\" source\n"
			"statement execute statement=1 name=\"c\" source\nrequest nstatements=1\n"
			"result statement=1 suspended rows=1 digest\nreply nstatements=1\n"
			"statement fetch statement=2 name=\"c\" source\nrequest nstatements=1\n"
			"result statement=2 rows=1 text=\"SELECT 1\" digest\nreply nstatements=1 in-transaction\n");
}

/* After an error in Parse everything is skipped, a Query too, until Sync. */
static void test_query_behind_an_error_is_skipped(void **state)
{
	(void)state;
	struct wire_script *script = started();
	CLIENT('P', "\0SELEC\0\0\0");
	CLIENT('Q', "SELECT 1\0");
	CLIENT('S', "");
	SERVER('E', "SERROR\0VERROR\0C42601\0Mno\0\0");
	SERVER('Z', "I");
	CLIENT('Q', "SELECT 2\0");
	SERVER('I', "");
	SERVER('Z', "I");
	expect(script,
		STARTED "statement prepare name=\"\" text=\"SELEC\"\nstatement query statement=1 text=\"SELECT 1\"\n"
			"request nstatements=1\nrequest\nresult statement=1 error code=42601 text=\"no\"\n"
			"reply nstatements=1 error code=42601\nreply\nstatement query statement=2 text=\"SELECT 2\"\n"
			"request nstatements=1\nresult statement=2\nreply nstatements=1\n");
}

/* What a server sends before the request has ended, because its buffer is full. */
static void test_early_replies(void **state)
{
	(void)state;
	struct wire_script *script = started();
	CLIENT('P', "\0SELECT 1\0\0\0");
	SERVER('1', "");
	CLIENT('B', "\0\0\0\0\0\0\0\0");
	CLIENT('E', "\0\0\0\0\0");
	SERVER('2', "");
	CLIENT('S', "");
	SERVER('C', "SELECT 0\0");
	SERVER('Z', "I");
	expect(script,
		STARTED "statement prepare name=\"\" text=\"SELECT 1\"\nstatement bind name=\"\" source\n"
			"statement execute statement=1 name=\"\" source\nrequest nstatements=1\n"
			"result statement=1 text=\"SELECT 0\"\nreply nstatements=1\n");
}

static void keep_text(void *context, const struct wire_event *event)
{
	if (event->kind == WIRE_STATEMENT)
		*(struct wire_text *)context = event->text;
}

static void check_long(char type, const char *before, size_t nbefore, const char *behind, size_t nbehind)
{
	static char body[LONG_BYTES + 64];
	struct wire wire;
	struct wire_text text = {0};
	struct wire_script *script = started();

	memcpy(body, before, nbefore);
	for (size_t i = 0; i < LONG_BYTES; i++)
		body[nbefore + i] = (char)('a' + i % 26);
	memcpy(body + nbefore + LONG_BYTES, behind, nbehind);
	message(script, 'C', type, body, nbefore + LONG_BYTES + nbehind);
	wire_open(&wire, WIRE_POSTGRES);
	for (size_t i = 0; i < script->npieces; i++) {
		struct wire_piece *piece = &script->pieces[i];
		struct wire_visitor visitor = {keep_text, &text};
		(piece->from == 'C' ? wire_sent : wire_received)(&wire, piece->bytes, piece->nbytes, visitor);
	}
	assert_int_equal(text.length, LONG_BYTES);
	assert_true(text.nbytes > 8000 && text.nbytes < LONG_BYTES);
	assert_true(text.hash == hash_bytes(HASH_START, body + nbefore, LONG_BYTES));
	wire_script_close(script);
}

/* Cut, but length and hash are of the whole, and of nothing else in the message. */
static void test_long_texts(void **state)
{
	(void)state;
	check_long('Q', "", 0, "", 1);
	check_long('P', "name", 5, "\0\0\1\0\0\0\x17", 7);
}

static void test_malformed_is_lost(void **state)
{
	(void)state;
	struct wire_script *script = started();
	wire_script_add(script, 'C', "Q\0\0\0\3xx", 7);
	expect(script, STARTED "left lost text=\"malformed request\"\n");
	script = started();
	CLIENT('B', "\0\0\0\7");
	expect(script, STARTED "left lost text=\"malformed request\"\n");
	script = started();
	SERVER('?', "");
	expect(script, STARTED "left lost text=\"malformed reply\"\n");
	script = started();
	SERVER('Z', "I");
	expect(script, STARTED "left lost text=\"replies that do not match the requests\"\n");
	script = started();
	CLIENT('P', "\0SELECT 1\0\0\0");
	CLIENT('S', "");
	SERVER('Z', "I");
	expect(script,
		STARTED "statement prepare name=\"\" text=\"SELECT 1\"\nrequest\n"
			"left lost text=\"replies that do not match the requests\"\n");
	script = wire_script_open();
	wire_script_text(script, 'C', "GET / HTTP/1.1\r\n");
	expect(script, "left lost text=\"malformed request\"\n");
}

static void test_what_is_not_followed_is_named(void **state)
{
	(void)state;
	static const char replication[] = "\0\0\0\x24\0\3\0\0user\0shop\0replication\0true\0\0";
	struct wire_script *script = wire_script_open();
	wire_script_add(script, 'C', replication, 0x24);
	expect(script, "left unsupported text=\"replication\"\n");
	script = wire_script_open();
	request(script, 2 << 16);
	expect(script, "left unsupported text=\"version of the protocol\"\n");
}

static void test_detection(void **state)
{
	(void)state;
	assert_int_equal(wire_protocol_of_port(5432), WIRE_POSTGRES);
	assert_int_equal(wire_protocol_of_port(80), 0);
	assert_int_equal(wire_protocol_of_client("\0\0\0\x08\x04\xd2\x16\x2f", 8), WIRE_POSTGRES);
	assert_int_equal(wire_protocol_of_client("\0\0\0\x08\x04\xd2\x16\x2f", 7), 0);
	assert_int_equal(wire_protocol_of_client("*1\r\n", 4), WIRE_RESP);
	assert_int_equal(wire_protocol_of_client("GET / HTTP/1.1", 14), 0);
	assert_int_equal(wire_protocol_of_server("\x4a\0\0\0\x0a", 5), WIRE_MYSQL);
}

static void test_real_ones(void **state)
{
	(void)state;
	static const char *const names[] = {
		"simple", "extended", "pipeline", "copy", "cursor", "killed", "cancel", "cancel_request"};
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		char name[64] = "postgres_";
		wire_script_expect_file(strcat(name, names[i]), WIRE_POSTGRES);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_encryption_is_named),
		cmocka_unit_test(test_text_of_what_is_encrypted_is_told),
		cmocka_unit_test(test_refused_encryption_goes_on),
		cmocka_unit_test(test_who_is_next_while_connecting),
		cmocka_unit_test(test_refused_connection),
		cmocka_unit_test(test_waiting_ends_with_the_reply),
		cmocka_unit_test(test_flush_is_answered_without_ready),
		cmocka_unit_test(test_portal_is_fetched_in_parts),
		cmocka_unit_test(test_query_behind_an_error_is_skipped),
		cmocka_unit_test(test_early_replies),
		cmocka_unit_test(test_long_texts),
		cmocka_unit_test(test_malformed_is_lost),
		cmocka_unit_test(test_what_is_not_followed_is_named),
		cmocka_unit_test(test_detection),
		cmocka_unit_test(test_real_ones),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
