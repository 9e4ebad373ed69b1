/* How early time-outs may come, and that those who are patient do not pay for it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "shared/early.h"
#include "shared/world.h"

#define SECOND 1000000000ULL

static struct world world;
static struct task *const keeper = &world.tasks[1], *const client = &world.tasks[2];

static int begin(void **state)
{
	(void)state;
	memset(&world, 0, WORLD_HEAD_BYTES);
	world.ntasks = 2;
	for (uint32_t id = 1; id <= 2; id++) {
		memset(&world.tasks[id], 0, sizeof world.tasks[id]);
		world.tasks[id].state = TASK_READY;
	}
	return 0;
}

static void wait_until(struct task *task, uint64_t site, uint64_t span_ns)
{
	struct request request = {.op = OP_COND_WAKE, .flags = REQUEST_TIMED, .site = site,
		.deadline_ns = world.now_ns + span_ns};

	world_pend(&world, task, &request);
}

/* As the turn does it. */
static void take(struct task *task)
{
	uint64_t before_ns = world.now_ns;
	if (world.now_ns < task->pending.deadline_ns)
		world.now_ns = task->pending.deadline_ns;
	early_take(&world, task, world.now_ns - before_ns);
}

static uint32_t take_all(uint64_t site, uint64_t span_ns)
{
	uint32_t n = 0;
	for (;; n++) {
		wait_until(keeper, site, span_ns);
		if (!early_is_due(&world, keeper))
			return n;
		take(keeper);
	}
}

static void a_few_in_a_row(void **state)
{
	(void)state;
	assert_int_equal(take_all(7, SECOND / 20), 4);
	assert_int_equal(take_all(8, SECOND / 20), 4); /* elsewhere */
	early_end(keeper);                             /* woken there */
	assert_int_equal(take_all(8, SECOND / 20), 4);
}

static void asking_in_vain_is_no_end(void **state)
{
	(void)state;
	take_all(7, SECOND / 20);
	keeper->pending.op = OP_POLL;
	early_end(keeper);
	assert_false(early_is_due(&world, keeper));
	keeper->flags |= TASK_EXPIRED;
	early_end(keeper);
	assert_true(early_is_due(&world, keeper));
}

static void a_second_together_besides_the_longest(void **state)
{
	(void)state;
	assert_int_equal(take_all(7, SECOND / 4), 4);
	wait_until(client, 9, 8 * SECOND);
	assert_true(early_is_due(&world, client));
	take(client);
	assert_int_equal(take_all(8, SECOND / 10), 0);
	early_rest(&world);
	assert_int_equal(take_all(9, SECOND / 10), 4);
}

static void looking_every_now_and_then(void **state)
{
	(void)state;
	uint32_t n = 0;
	for (;; n++) {
		uint32_t taken = take_all(n, SECOND / 10);
		if (!taken)
			break;
	}
	assert_true(world.now_ns <= SECOND + SECOND / 10);
}

static void not_ten_seconds(void **state)
{
	(void)state;
	wait_until(keeper, 7, 10 * SECOND);
	assert_false(early_is_due(&world, keeper));
	world.now_ns += 7 * SECOND; /* nor what is left of them, though it was announced again */
	world_pend(&world, keeper, &(struct request){.op = OP_COND_WAKE, .flags = REQUEST_TIMED, .site = 7,
		.deadline_ns = keeper->pending.deadline_ns});
	assert_false(early_is_due(&world, keeper));
	assert_int_equal(take_all(7, 8 * SECOND), 1);
}

static void patience_is_extended(void **state)
{
	(void)state;
	wait_until(client, 9, 10 * SECOND);
	client->pending.flags |= REQUEST_PATIENT;
	take_all(7, SECOND);
	assert_int_equal(client->pending.deadline_ns, 12 * SECOND);
	wait_until(keeper, 7, 30 * SECOND);
	take(keeper); /* beyond it */
	assert_int_equal(client->pending.deadline_ns - world.now_ns, 10 * SECOND);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(a_few_in_a_row, begin),
		cmocka_unit_test_setup(asking_in_vain_is_no_end, begin),
		cmocka_unit_test_setup(a_second_together_besides_the_longest, begin),
		cmocka_unit_test_setup(looking_every_now_and_then, begin),
		cmocka_unit_test_setup(not_ten_seconds, begin),
		cmocka_unit_test_setup(patience_is_extended, begin),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
