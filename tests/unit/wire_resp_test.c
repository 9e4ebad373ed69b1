/* Redis' protocol as its specification describes it, and as redis-cli and plain clients spoke it with a server. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "runtime/shared/hash.h"
#include "wire_script.h"

#define CLIENT(text) wire_script_text(script, 'C', text)
#define SERVER(text) wire_script_text(script, 'S', text)
#define SESSION "session text=\"0\"\n"
#define PING SESSION "statement query statement=1 name=\"PING\" text=\"PING\"\nrequest nstatements=1\n"

static void expect(struct wire_script *script, const char *events)
{
	wire_script_expect(script, WIRE_RESP, events);
	wire_script_close(script);
}

/* PING is answered by this; what is told of that. */
static void expect_reply(const char *reply, const char *events)
{
	struct wire_script *script = wire_script_open();
	char all[1024];

	CLIENT("*1\r\n$4\r\nPING\r\n");
	SERVER(reply);
	snprintf(all, sizeof all, PING "%s", events);
	expect(script, all);
}

static void test_every_type(void **state)
{
	(void)state;
	static const char done[] = "result statement=1 digest\nreply nstatements=1\n";
	static const char null[] = "result statement=1 null digest\nreply nstatements=1\n";
	expect_reply("+\r\n", "result statement=1 text=\"\" digest\nreply nstatements=1\n");
	expect_reply(":-7\r\n", done);
	expect_reply(":+7\r\n", "result statement=1 affected=7 digest\nreply nstatements=1\n");
	expect_reply("$0\r\n\r\n", done);
	expect_reply("$3\r\na\r\n\r\n", done);
	expect_reply("$-1\r\n", null);
	expect_reply("*-1\r\n", null);
	expect_reply("_\r\n", null);
	expect_reply("#t\r\n", done);
	expect_reply(",inf\r\n", done);
	expect_reply("(3492890328409238509324850943850943825024385\r\n", done);
	expect_reply("=7\r\ntxt:abc\r\n", done);
	expect_reply("*0\r\n", done);
	expect_reply("!5\r\nERR x\r\n", "result statement=1 error text=\"ERR x\" digest\nreply nstatements=1 error\n");
	expect_reply("~2\r\n:1\r\n:2\r\n", "result statement=1 rows=2 digest\nreply nstatements=1\n");
	expect_reply("%1\r\n+a\r\n*2\r\n:1\r\n_\r\n", "result statement=1 rows=1 digest\nreply nstatements=1\n");
}

/* The null within is not the reply; nor is the attribute in front of it. */
static void test_nested(void **state)
{
	(void)state;
	expect_reply("*1\r\n*-1\r\n", "result statement=1 rows=1 digest\nreply nstatements=1\n");
	expect_reply("*2\r\n*1\r\n*1\r\n*0\r\n*3\r\n:1\r\n$-1\r\n*0\r\n",
		"result statement=1 rows=2 digest\nreply nstatements=1\n");
	expect_reply("|1\r\n+ttl\r\n*2\r\n:1\r\n:2\r\n*2\r\n:9\r\n|1\r\n+k\r\n+v\r\n:5\r\n",
		"result statement=1 rows=2 digest\nreply nstatements=1\n");
	expect_reply("|1\r\n+error\r\n-ERR attribute\r\n+fine\r\n",
		"result statement=1 text=\"fine\" digest\nreply nstatements=1\n");
}

/* Any depth: only what is still to come is counted. */
static void test_deeply_nested(void **state)
{
	(void)state;
	char reply[4 * 5000 + 5] = "";
	for (int i = 0; i < 5000; i++)
		memcpy(reply + 4 * i, "*1\r\n", 4);
	memcpy(reply + sizeof reply - 5, ":1\r\n", 5);
	expect_reply(reply, "result statement=1 rows=1 digest\nreply nstatements=1\n");
}

static void test_inline(void **state)
{
	(void)state;
	struct wire_script *script = wire_script_open();
	CLIENT("\r\n  SET \"a \\x41\\n\\\"\" 'it\\'s'\t\"\"\r\n");
	SERVER("+OK\r\n");
	expect(script,
		SESSION
		"statement query statement=1 name=\"SET\" text=\"SET a A\\012\\042 it's \" nparameters=3 parameters\n"
		"parameter text=\"a A\\012\\042\"\nparameter index=1 text=\"it's\"\nparameter index=2 text=\"\"\n"
		"request nstatements=1\nresult statement=1 text=\"OK\" digest\nreply nstatements=1\n");
	script = wire_script_open();
	CLIENT("SET \"a\"b\r\n");
	expect(script, "left lost text=\"malformed request\"\n");
}

static void test_waiting(void **state)
{
	(void)state;
	struct wire wire;
	struct wire_script *script = wire_script_open();
	CLIENT("*1\r\n$4\r\nPING\r\n*1\r\n$4\r\nPI");
	free(wire_script_play(script, WIRE_RESP, WIRE_BYTES, &wire));
	assert_true(wire_is_waiting(&wire));
	assert_true(wire_is_sending(&wire));
	SERVER("+PONG\r\n");
	free(wire_script_play(script, WIRE_RESP, WIRE_BYTES, &wire));
	assert_false(wire_is_waiting(&wire));
	CLIENT("NG\r\n");
	free(wire_script_play(script, WIRE_RESP, WIRE_BYTES, &wire));
	assert_true(wire_is_waiting(&wire));
	assert_false(wire_is_sending(&wire));
	wire_script_close(script);
}

/* Equal commands take one place in the queue, however many. */
static void test_long_pipeline(void **state)
{
	(void)state;
	struct wire wire;
	struct wire_script *script = wire_script_open();
	for (int i = 0; i < 10000; i++)
		CLIENT("PING\r\n");
	for (int i = 0; i < 10000; i++)
		SERVER("+PONG\r\n");
	free(wire_script_play(script, WIRE_RESP, WIRE_WHOLE, &wire));
	assert_int_equal(wire_state(&wire), WIRE_READY);
	assert_false(wire_is_waiting(&wire));
	wire_script_close(script);
	script = wire_script_open();
	for (int i = 0; i < 10000; i++)
		CLIENT(i % 2 ? "MULTI\r\n" : "EXEC\r\n");
	free(wire_script_play(script, WIRE_RESP, WIRE_WHOLE, &wire));
	assert_int_equal(wire_state(&wire), WIRE_LOST);
	assert_string_equal(wire_reason(&wire), "too many requests at once");
	wire_script_close(script);
}

static void test_passwords_are_not_told(void **state)
{
	(void)state;
	struct wire_script *script = wire_script_open();
	CLIENT("*3\r\n$4\r\nAuth\r\n$4\r\nshop\r\n$6\r\nsecret\r\nHELLO 3 AUTH shop secret\r\n");
	char *told = wire_script_play(script, WIRE_RESP, WIRE_WHOLE, &(struct wire){0});
	assert_null(strstr(told, "secret"));
	free(told);
	expect(script,
		SESSION "statement query statement=1 name=\"Auth\" text=\"Auth\"\nrequest nstatements=1\n"
			"statement query statement=2 name=\"HELLO\" text=\"HELLO\"\nrequest nstatements=1\n");
}

/* WATCH and MULTI among queued commands are refused without spoiling them, as a server was seen to do. */
static void test_transactions(void **state)
{
	(void)state;
	struct wire wire;
	struct wire_script *script = wire_script_open();
	CLIENT("MULTI\r\nWATCH x\r\nMULTI\r\n");
	SERVER("+OK\r\n-ERR WATCH inside MULTI is not allowed\r\n-ERR MULTI calls can not be nested\r\n");
	free(wire_script_play(script, WIRE_RESP, WIRE_WHOLE, &wire));
	assert_int_equal(wire_transaction(&wire), WIRE_IN_TRANSACTION);
	CLIENT("SET a\r\n");
	SERVER("-ERR wrong number of arguments\r\n");
	free(wire_script_play(script, WIRE_RESP, WIRE_WHOLE, &wire));
	assert_int_equal(wire_transaction(&wire), WIRE_FAILED);
	CLIENT("EXEC\r\n");
	SERVER("-EXECABORT no\r\n");
	free(wire_script_play(script, WIRE_RESP, WIRE_WHOLE, &wire));
	assert_int_equal(wire_transaction(&wire), WIRE_IDLE);
	wire_script_close(script);
}

static void test_unsubscribing_from_nothing(void **state)
{
	(void)state;
	struct wire_script *script = wire_script_open();
	CLIENT("UNSUBSCRIBE\r\nPING\r\n");
	SERVER("*3\r\n$11\r\nunsubscribe\r\n$-1\r\n:0\r\n+PONG\r\n");
	expect(script,
		SESSION "statement query statement=1 name=\"UNSUBSCRIBE\" text=\"UNSUBSCRIBE\"\nrequest nstatements=1\n"
			"statement query statement=2 name=\"PING\" text=\"PING\"\nrequest nstatements=1\n"
			"result statement=1 rows=1 digest\nreply nstatements=1\n"
			"result statement=2 text=\"PONG\" digest\nreply nstatements=1\n");
}

static void test_subscribed(void **state)
{
	(void)state;
	struct wire wire;
	struct wire_script *script = wire_script_open();
	CLIENT("SUBSCRIBE paid\r\n");
	free(wire_script_play(script, WIRE_RESP, WIRE_WHOLE, &wire));
	assert_false(wire_is_subscribed(&wire));
	SERVER("*3\r\n$9\r\nsubscribe\r\n$4\r\npaid\r\n:1\r\n");
	free(wire_script_play(script, WIRE_RESP, WIRE_WHOLE, &wire));
	assert_true(wire_is_subscribed(&wire));
	CLIENT("UNSUBSCRIBE paid\r\n");
	SERVER("*3\r\n$11\r\nunsubscribe\r\n$4\r\npaid\r\n:0\r\n");
	free(wire_script_play(script, WIRE_RESP, WIRE_WHOLE, &wire));
	assert_false(wire_is_subscribed(&wire));
	wire_script_close(script);
}

/* An answer that looks like a message is none where nothing is subscribed to. */
static void test_no_message(void **state)
{
	(void)state;
	expect_reply("*3\r\n$7\r\nmessage\r\n$1\r\nx\r\n$1\r\ny\r\n",
		"result statement=1 rows=3 digest\nreply nstatements=1\n");
}

static void expect_unsupported(const char *sent, const char *reason)
{
	struct wire wire;
	struct wire_script *script = wire_script_open();

	CLIENT(sent);
	free(wire_script_play(script, WIRE_RESP, WIRE_BYTES, &wire));
	assert_int_equal(wire_state(&wire), WIRE_UNSUPPORTED);
	assert_string_equal(wire_reason(&wire), reason);
	wire_script_close(script);
}

static void test_what_is_not_followed_is_named(void **state)
{
	(void)state;
	expect_unsupported("MONITOR\r\n", "MONITOR");
	expect_unsupported("PSYNC ? -1\r\n", "replication");
	expect_unsupported("client Reply OFF\r\n", "CLIENT REPLY OFF or SKIP");
	expect_reply("$?\r\n", "left unsupported text=\"streamed replies\"\n");
}

static void test_malformed_is_lost(void **state)
{
	(void)state;
	static const char lost[] = "left lost text=\"malformed reply\"\n";
	expect_reply("?\r\n", lost);
	expect_reply(":\r\n", lost);
	expect_reply(":1\n", lost);
	expect_reply("$2\r\nabc\r\n", lost);
	expect_reply("$-2\r\n", lost);
	expect_reply("*99999999999999999999\r\n", lost);
	expect_reply("*9999999999999\r\n", lost);
	expect_reply("+a\nb\r\n", lost);
	struct wire_script *script = wire_script_open();
	CLIENT("*1\r\n+PING\r\n");
	expect(script, "left lost text=\"malformed request\"\n");
	script = wire_script_open();
	SERVER("+PONG\r\n");
	expect(script, "left lost text=\"replies that do not match the requests\"\n");
	script = wire_script_open();
	SERVER("-ERR max number of clients reached\r\n");
	expect(script, "notice text=\"ERR max number of clients reached\"\n");
}

/* Cut, but length and hash are of the whole. */
static void test_long_arguments(void **state)
{
	(void)state;
	static char command[70000] = "*3\r\n$3\r\nSET\r\n$60000\r\n";
	struct wire_script *script = wire_script_open();
	size_t head = strlen(command);
	char expected[512], whole[60006 + 1] = "SET ";
	memset(command + head, 'k', 60000);
	strcpy(command + head + 60000, "\r\n$1\r\nv\r\n");
	memset(whole + 4, 'k', 60000);
	strcpy(whole + 60004, " v");
	CLIENT(command);
	snprintf(expected, sizeof expected,
		SESSION "statement query statement=1 name=\"SET\" text=\"SET %.68s\"~60006:%016llx "
			"nparameters=2 parameters\nparameter text=\"%.72s\"~60000:%016llx\nrequest nstatements=1\n",
		whole + 4, (unsigned long long)hash_text(whole), whole + 4,
		(unsigned long long)hash_bytes(HASH_START, whole + 4, 256));
	expect(script, expected);
}

static void test_real_ones(void **state)
{
	(void)state;
	static const char *const names[] = {"2", "3", "pipeline", "watch", "push", "subscribe"};
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		char name[64] = "resp_";
		wire_script_expect_file(strcat(name, names[i]), WIRE_RESP);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_type),
		cmocka_unit_test(test_nested),
		cmocka_unit_test(test_deeply_nested),
		cmocka_unit_test(test_inline),
		cmocka_unit_test(test_waiting),
		cmocka_unit_test(test_long_pipeline),
		cmocka_unit_test(test_passwords_are_not_told),
		cmocka_unit_test(test_transactions),
		cmocka_unit_test(test_unsubscribing_from_nothing),
		cmocka_unit_test(test_subscribed),
		cmocka_unit_test(test_no_message),
		cmocka_unit_test(test_what_is_not_followed_is_named),
		cmocka_unit_test(test_malformed_is_lost),
		cmocka_unit_test(test_long_arguments),
		cmocka_unit_test(test_real_ones),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
