/* Requests as units: their identities, and in which order a serial plan lets them through. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "shared/plan.h"
#include "shared/world.h"

static struct world world;
static struct plan plan;

static int start(void **state)
{
	(void)state;
	world_reset(&world);
	memset(&plan, 0, sizeof(plan));
	world.chooser = plan.chooser = CHOOSER_SERIAL;
	return 0;
}

/* A client sends a request that nobody caused, with so many bytes, on a conversation. */
static struct conversation_request *push(struct conversation *conversation, uint64_t sender, const char *name, int nbytes)
{
	struct conversation_request *request = conversation_begin(conversation);

	conversation->sent += (uint64_t)nbytes;
	if (request) {
		request->unit = conversation_identify(&world, sender, name);
		request->is_unit = true;
		conversation_ask(&world, &plan, request);
	}
	conversation_end_request(conversation);
	return request;
}

/* The same on a new one. */
static struct conversation *send(uint32_t channel, uint64_t sender, const char *name)
{
	struct conversation *conversation = conversation_new(&world, channel);

	assert_non_null(conversation);
	push(conversation, sender, name, 10);
	return conversation;
}

static uint8_t state_of(const struct conversation *conversation)
{
	return conversation->pending[0].state;
}

static bool release(void)
{
	return conversation_release(&world, &plan, UINT64_MAX, false);
}

static void test_identities(void **state)
{
	(void)state;
	uint64_t first = conversation_identify(&world, 7, "POST /a"), again = conversation_identify(&world, 7, "POST /a");
	uint64_t other = conversation_identify(&world, 8, "POST /a");
	assert_true(first != again && first != other && again != other);
	world_reset(&world);
	assert_true(conversation_identify(&world, 8, "POST /a") == other);
	assert_true(conversation_identify(&world, 7, "POST /a") == first);
	for (int i = 2; i < LIMIT_REQUESTS; i++)
		assert_true(conversation_identify(&world, 9, "GET /") != 0);
	assert_true(conversation_identify(&world, 9, "GET /") == 0);
}

static void test_as_sent(void **state)
{
	(void)state;
	struct conversation *first = send(1, 7, "POST /a"), *second = send(2, 8, "POST /b");
	assert_int_equal(world.book.nheld, 2);
	assert_true(release());
	assert_int_equal(state_of(first), CONVERSATION_ASKED);
	assert_int_equal(state_of(second), CONVERSATION_HELD);
	conversation_answer(&world, first);
	assert_true(release());
	assert_int_equal(state_of(second), CONVERSATION_ASKED);
	assert_false(release());
}

static void test_as_planned(void **state)
{
	(void)state;
	uint64_t a = conversation_identify(&world, 7, "POST /a"), b = conversation_identify(&world, 8, "POST /b");
	world_reset(&world);
	world.chooser = CHOOSER_SERIAL;
	plan.order[plan.norder++] = b;
	plan.order[plan.norder++] = a;
	struct conversation *first = send(1, 7, "POST /a");
	/* the one that comes first is still to be sent, by somebody who sleeps */
	assert_false(conversation_release(&world, &plan, 1000, true));
	struct conversation *second = send(2, 8, "POST /b");
	assert_true(release());
	assert_int_equal(state_of(second), CONVERSATION_ASKED);
	/* it is not answered yet, and time may help it */
	assert_false(conversation_release(&world, &plan, 1000, false));
	/* where nothing happens by itself the two wait for each other */
	assert_true(release());
	assert_int_equal(state_of(first), CONVERSATION_ASKED);
}

static void test_explored(void **state)
{
	(void)state;
	world.chooser = CHOOSER_RANDOM;
	struct conversation *conversation = send(1, 7, "POST /a");
	assert_int_equal(state_of(conversation), CONVERSATION_ASKED);
	assert_false(release());
	conversation_answer(&world, conversation);
	assert_int_equal(world.book.nasked, 0);
}

/* Three on one connection, the first of two of them behind another's; replies come in order. */
static void test_pipelined(void **state)
{
	(void)state;
	struct conversation *one = send(1, 7, "GET /a"), *other = send(2, 8, "GET /c");
	push(one, 7, "GET /b", 20);
	uint64_t a = one->pending[0].unit, b = one->pending[1].unit;
	assert_int_equal(one->npending, 2);
	assert_int_equal(world.book.nheld, 3);
	assert_true(release());
	assert_int_equal(one->pending[0].state, CONVERSATION_ASKED);
	assert_int_equal(one->pending[1].state, CONVERSATION_HELD);
	assert_true(conversation_next(one) == &one->pending[0]);
	assert_int_equal(conversation_room(one), 10);
	conversation_take(&world, one, 10);
	assert_true(one->unit == a);
	assert_true(conversation_next(one) == &one->pending[1]);
	assert_int_equal(conversation_room(one), 20);
	assert_true(conversation_answer(&world, one));
	assert_int_equal(state_of(one), CONVERSATION_HELD);
	assert_true(release());
	assert_int_equal(state_of(other), CONVERSATION_ASKED);
	assert_true(conversation_answer(&world, other));
	assert_true(release());
	assert_int_equal(state_of(one), CONVERSATION_ASKED);
	conversation_take(&world, one, 5);
	assert_true(one->unit == b);
	assert_int_equal(conversation_room(one), 15);
	conversation_take(&world, one, 15);
	assert_null(conversation_next(one));
	assert_true(conversation_answer(&world, one));
	assert_false(conversation_answer(&world, one));
	assert_int_equal(world.book.nheld, 0);
	assert_int_equal(world.book.nasked, 0);
}

/* The plan can't have the second one of a connection before the first. */
static void test_pipelined_against_the_plan(void **state)
{
	(void)state;
	uint64_t a = conversation_identify(&world, 7, "GET /a"), b = conversation_identify(&world, 7, "GET /b");
	world_reset(&world);
	world.chooser = CHOOSER_SERIAL;
	plan.order[plan.norder++] = b;
	plan.order[plan.norder++] = a;
	struct conversation *one = send(1, 7, "GET /a");
	push(one, 7, "GET /b", 20);
	assert_true(release());
	assert_true(state_of(one) == CONVERSATION_ASKED && one->pending[0].unit == a);
	assert_int_equal(one->pending[1].state, CONVERSATION_HELD);
}

/* Who has read one request to its end is owed word of the next, once. */
static void test_owed(void **state)
{
	(void)state;
	struct conversation *one = send(1, 7, "GET /a");
	conversation_take(&world, one, 10);
	assert_false(conversation_collect(&world, one));
	push(one, 7, "GET /b", 20);
	push(one, 7, "GET /c", 20);
	conversation_take(&world, one, 20);
	assert_int_equal(world.book.nowed, 1);
	assert_true(conversation_collect(&world, one));
	assert_false(conversation_collect(&world, one));
	conversation_take(&world, one, 5);
	assert_int_equal(world.book.nowed, 0);
	conversation_take(&world, one, 15);
	assert_int_equal(world.book.nowed, 0);
}

/* What is left of a request that was answered early is not the next one's. */
static void test_answered_early(void **state)
{
	(void)state;
	struct conversation *one = send(1, 7, "POST /a");
	push(one, 7, "GET /b", 20);
	release();
	conversation_take(&world, one, 4);
	uint64_t a = one->unit;
	assert_true(conversation_answer(&world, one));
	assert_null(conversation_next(one));
	assert_int_equal(conversation_room(one), 6);
	conversation_take(&world, one, 6);
	assert_true(one->unit == a);
	assert_int_equal(conversation_next(one)->state, CONVERSATION_HELD);
}

/* The last one stands for those that there is no room for, until all of them are answered. */
static void test_many(void **state)
{
	(void)state;
	struct conversation *one = send(1, 7, "GET /a");
	for (int i = 1; i < LIMIT_PIPELINED; i++)
		assert_non_null(push(one, 7, "GET /b", 10));
	assert_null(push(one, 7, "GET /b", 10));
	assert_null(push(one, 7, "GET /b", 10));
	assert_int_equal(one->npending, LIMIT_PIPELINED);
	for (int i = 1; i < LIMIT_PIPELINED; i++) {
		conversation_take(&world, one, conversation_room(one));
		assert_true(conversation_answer(&world, one));
	}
	assert_int_equal(conversation_room(one), 30);
	assert_false(conversation_answer(&world, one));
	assert_false(conversation_answer(&world, one));
	assert_true(conversation_answer(&world, one));
	assert_int_equal(world.book.nheld, 0);
	push(one, 7, "GET /d", 10);
	conversation_drop(&world, one);
	assert_int_equal(world.book.nheld, 0);
	assert_int_equal(one->npending, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test_setup(test_identities, start),
		cmocka_unit_test_setup(test_as_sent, start), cmocka_unit_test_setup(test_as_planned, start),
		cmocka_unit_test_setup(test_explored, start), cmocka_unit_test_setup(test_pipelined, start),
		cmocka_unit_test_setup(test_pipelined_against_the_plan, start), cmocka_unit_test_setup(test_owed, start),
		cmocka_unit_test_setup(test_answered_early, start), cmocka_unit_test_setup(test_many, start)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
