/* When statements of an observed run took effect. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "explorer/ring_statement.h"

static struct control control;

static struct ring_moment moment(uint16_t task, uint64_t time, uint8_t kind, uint16_t op, int32_t result)
{
	return (struct ring_moment){
		.task = task, .event = {.time = time, .kind = kind, .op = op, .object = 1, .result = result}};
}

static void place(struct ring_moment *moments, uint32_t n)
{
	control.text[1] = 'x';
	assert_int_equal(ring_statement_place(moments, n, &control), 0);
}

static void test_who_waited_comes_after_who_let_go(void **state)
{
	struct ring_moment moments[] = {
		moment(1, 10, RING_OPERATION, OP_SQLITE_STEP, 0),
		moment(1, 12, RING_ROW, OP_NONE, 'i'),
		moment(1, 50, RING_TRANSACTION, OP_NONE, RING_COMMITTED),
		moment(2, 20, RING_OPERATION, OP_SQLITE_RESET, 0),
		moment(2, 60, RING_TRANSACTION, OP_NONE, 0),
	};

	(void)state;
	place(moments, 5);
	assert_int_equal(moments[0].event.time, 50);
	assert_int_equal(moments[1].event.time, 50);
	assert_int_equal(moments[3].event.time, 20);
}

static void test_the_next_writer_comes_after_a_commit(void **state)
{
	struct ring_moment moments[] = {
		moment(1, 10, RING_OPERATION, OP_SQLITE_STEP, 0),
		moment(1, 12, RING_ROW, OP_NONE, 'u'),
		moment(1, 90, RING_TRANSACTION, OP_NONE, RING_COMMITTED), /* told late */
		moment(2, 11, RING_OPERATION, OP_SQLITE_STEP, 0),
		moment(2, 40, RING_ROW, OP_NONE, 'u'),
		moment(2, 45, RING_TRANSACTION, OP_NONE, RING_COMMITTED),
	};

	(void)state;
	place(moments, 6);
	assert_int_equal(moments[0].event.time, 39);
	assert_int_equal(moments[3].event.time, 45);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_who_waited_comes_after_who_let_go),
		cmocka_unit_test(test_the_next_writer_comes_after_a_commit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
