/* What choices know of what happened before them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "explorer/strategy/alternative.h"

enum { STEPS = 5 };

/* `one` sends a statement, is held back for a moment in the middle of it, and is told `result`; `two` goes on meanwhile. */
static void histories_of(int64_t result, uint32_t histories[STEPS])
{
	struct trace_announce announces[STEPS] = {
		{.task = 1, .request.op = OP_DB_STATEMENT}, {.task = 2, .request.op = OP_MUTEX_LOCK},
		{.task = 1, .request = {.op = OP_DB_WAIT, .flags = REQUEST_GUARDED}}, {.task = 2, .request.op = OP_MUTEX_UNLOCK},
		{.task = 2, .request.op = OP_EXIT}};
	struct trace_step steps[STEPS];
	struct trace_task tasks[3] = {{0}};
	struct trace trace = {.ntasks = 2, .tasks = tasks, .nsteps = STEPS, .nannounces = STEPS, .nchoices = STEPS,
		.steps = steps, .announces = announces};
	struct choice_points points;

	for (uint32_t i = 0; i < STEPS; i++)
		steps[i] = (struct trace_step){.announce = i, .task = announces[i].task, .nalternatives = 2, .choice = i, .done = true};
	steps[0].result = result;
	steps[0].lasted = 2;
	assert_int_equal(choice_points_init(&points, &trace, false), 0);
	for (uint32_t i = 0; i < STEPS; i++)
		histories[i] = points.items[i].history;
	choice_points_fini(&points);
}

static void a_result_is_known_when_there_is_one(void **state)
{
	uint32_t refused[STEPS], answered[STEPS];

	(void)state;
	histories_of(11, refused);
	histories_of(100, answered);
	assert_int_equal(refused[1], answered[1]);
	assert_int_equal(refused[2], answered[2]);
	assert_int_not_equal(refused[3], answered[3]);
	assert_int_not_equal(refused[4], answered[4]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(a_result_is_known_when_there_is_one)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
