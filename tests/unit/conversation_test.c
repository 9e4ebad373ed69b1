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

/* A client sends a request that nobody caused. */
static struct conversation *send(uint32_t channel, uint64_t sender, const char *name)
{
	struct conversation *conversation = conversation_new(&world, channel);

	assert_non_null(conversation);
	conversation->unit = conversation_identify(&world, sender, name);
	conversation->is_unit = true;
	conversation_ask(&world, &plan, conversation);
	return conversation;
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
	assert_int_equal(first->state, CONVERSATION_ASKED);
	assert_int_equal(second->state, CONVERSATION_HELD);
	conversation_answer(&world, first);
	assert_true(release());
	assert_int_equal(second->state, CONVERSATION_ASKED);
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
	assert_int_equal(second->state, CONVERSATION_ASKED);
	/* it is not answered yet, and time may help it */
	assert_false(conversation_release(&world, &plan, 1000, false));
	/* where nothing happens by itself the two wait for each other */
	assert_true(release());
	assert_int_equal(first->state, CONVERSATION_ASKED);
}

static void test_explored(void **state)
{
	(void)state;
	world.chooser = CHOOSER_RANDOM;
	struct conversation *conversation = send(1, 7, "POST /a");
	assert_int_equal(conversation->state, CONVERSATION_ASKED);
	assert_false(release());
	conversation_answer(&world, conversation);
	assert_int_equal(world.book.nasked, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test_setup(test_identities, start),
		cmocka_unit_test_setup(test_as_sent, start), cmocka_unit_test_setup(test_as_planned, start),
		cmocka_unit_test_setup(test_explored, start)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
