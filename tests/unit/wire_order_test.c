/* Rows of PostgreSQL count in any order, unless the statement asks for one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "runtime/shared/wire/wire_order.h"

enum { LONG_BYTES = 20000 };

static void note(void *context, const struct wire_event *event)
{
	if (event->kind == WIRE_RESULT)
		*(uint64_t *)context = event->digest;
}

static void put(struct wire *wire, bool sent, char type, const void *body, size_t nbytes, struct wire_visitor visitor)
{
	uint8_t head[5] = {(uint8_t)type, 0, 0, (uint8_t)((nbytes + 4) >> 8), (uint8_t)(nbytes + 4)};
	void (*feed)(struct wire *, const void *, size_t, struct wire_visitor) = sent ? wire_sent : wire_received;

	feed(wire, head, sizeof head, visitor);
	feed(wire, body, nbytes, visitor);
}

#define SEND(type, body) put(wire, true, type, body, sizeof body - 1, visitor)
#define ANSWER(type, body) put(wire, false, type, body, sizeof body - 1, visitor)

static void connect(struct wire *wire, struct wire_visitor visitor)
{
	wire_open(wire, WIRE_POSTGRES);
	wire_sent(wire, "\0\0\0\x13\0\3\0\0user\0shop\0", 19, visitor);
	ANSWER('R', "\0\0\0\0");
	ANSWER('Z', "I");
}

/* Rows of one value each, a letter of `rows` the first byte of it, a letter of `more` the last. */
static void answer(struct wire *wire, const char *rows, const char *more, struct wire_visitor visitor)
{
	for (; *rows; rows++, more++) {
		char row[] = {0, 1, 0, 0, 0, 3, *rows, '-', *more};
		put(wire, false, 'D', row, sizeof row, visitor);
	}
	ANSWER('C', "SELECT 2\0");
}

/* Of the rows that answer a statement, sent as Query. */
static uint64_t digest(const char *statement, const char *rows, const char *more)
{
	static struct wire one;
	struct wire *wire = &one;
	uint64_t found = 0;
	struct wire_visitor visitor = {note, &found};

	connect(wire, visitor);
	put(wire, true, 'Q', statement, strlen(statement) + 1, visitor);
	answer(wire, rows, more, visitor);
	ANSWER('Z', "I");
	assert_int_equal(wire_state(wire), WIRE_READY);
	return found;
}

static bool is_ordered(const char *statement)
{
	return digest(statement, "ab", "12") != digest(statement, "ba", "21");
}

static void test_rows_count_in_any_order(void **state)
{
	static const char all[] = "SELECT * FROM orders";

	(void)state;
	assert_int_not_equal(digest(all, "abc", "123"), 0);
	assert_true(digest(all, "abc", "123") == digest(all, "cab", "312"));
	assert_false(digest(all, "abc", "123") == digest(all, "ab", "12"));
	assert_false(digest(all, "aab", "111") == digest(all, "abb", "111"));
	assert_false(digest(all, "ab", "12") == digest(all, "ab", "21"));
	assert_false(digest(all, "aa", "11") == digest(all, "bb", "11"));
}

static void test_an_order_that_was_asked_for_counts(void **state)
{
	(void)state;
	assert_true(is_ordered("SELECT * FROM orders ORDER BY id"));
	assert_true(is_ordered("select * from orders order\n\tBy(id)"));
	assert_true(is_ordered("ORDER BY"));
	assert_false(is_ordered("SELECT * FROM order_by"));
	assert_false(is_ordered("SELECT * FROM reorder by"));
	assert_false(is_ordered("SELECT * FROM orders WHERE by = 'order'"));
	assert_false(is_ordered("SELECT * FROM orders WHERE x = 'order' AND order bye"));
	assert_false(is_ordered("SELECT 1 order"));
}

/* Of `text`, `length` long of which `nbytes` are there. */
static void test_what_is_not_there_may_ask_for_one(void **state)
{
	static char text[LONG_BYTES];

	(void)state;
	memset(text, 'x', sizeof text);
	assert_false(wire_order_is_asked((struct wire_text){.bytes = text, .nbytes = 8000, .length = 8000}));
	assert_true(wire_order_is_asked((struct wire_text){.bytes = text, .nbytes = 8000, .length = sizeof text}));
}

/* What the statements of this pipeline, prepared before, get: rows for the first, then for the second. */
static uint64_t pipelined(bool synced, const char *rows, const char *more)
{
	static struct wire one;
	struct wire *wire = &one;
	uint64_t found = 0, first;
	struct wire_visitor visitor = {note, &found};

	connect(wire, visitor);
	SEND('P', "any\0SELECT 1\0\0\0");
	SEND('P', "one\0SELECT 1 ORDER BY 1\0\0\0");
	SEND('S', "");
	ANSWER('1', "");
	ANSWER('1', "");
	ANSWER('Z', "I");
	SEND('B', "\0any\0\0\0\0\0\0\0");
	SEND('E', "\0\0\0\0\0");
	if (synced)
		SEND('S', "");
	SEND('B', "\0one\0\0\0\0\0\0\0");
	SEND('E', "\0\0\0\0\0");
	SEND('S', "");
	ANSWER('2', "");
	answer(wire, rows, more, visitor);
	first = found;
	if (synced)
		ANSWER('Z', "I");
	ANSWER('2', "");
	answer(wire, "ab", "12", visitor);
	ANSWER('Z', "I");
	assert_int_equal(wire_state(wire), WIRE_READY);
	assert_false(wire_is_waiting(wire));
	assert_int_not_equal(first, found);
	return first;
}

static void test_requests_are_told_apart(void **state)
{
	(void)state;
	assert_true(pipelined(true, "abc", "123") == pipelined(true, "bca", "231"));
	assert_false(pipelined(false, "abc", "123") == pipelined(false, "bca", "231"));
}

/* A portal of which nothing is known. */
static uint64_t unknown(const char *rows, const char *more)
{
	static struct wire one;
	struct wire *wire = &one;
	uint64_t found = 0;
	struct wire_visitor visitor = {note, &found};

	connect(wire, visitor);
	SEND('E', "kept\0\0\0\0\0");
	SEND('S', "");
	answer(wire, rows, more, visitor);
	ANSWER('Z', "I");
	return found;
}

static void test_what_is_not_known_may_ask_for_one(void **state)
{
	(void)state;
	assert_false(unknown("ab", "12") == unknown("ba", "21"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows_count_in_any_order),
		cmocka_unit_test(test_an_order_that_was_asked_for_counts),
		cmocka_unit_test(test_what_is_not_there_may_ask_for_one),
		cmocka_unit_test(test_requests_are_told_apart),
		cmocka_unit_test(test_what_is_not_known_may_ask_for_one),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
