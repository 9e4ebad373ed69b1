/*
 * Plans that run ahead: how many are handed out, which are found again, which answers may be used, and what is taken
 * back. The target is played by setting the states of slots.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

#include "explorer/ahead.h"

struct stage {
	struct block block;
	struct ahead ahead;
	struct outlook outlook;
	uint64_t last; /* the last plan that can be foreseen */
};

static void describe(uint64_t number, struct plan_draft *draft)
{
	plan_draft_clear(draft);
	draft->plan.number = number;
	draft->plan.seed = 1000 + number;
	draft->plan.max_steps = 100;
	assert_int_equal(plan_draft_add(draft, (struct directive){.form = DIRECTIVE_TAKE, .task = (uint16_t)number}), 0);
}

static bool foresee(void *state, uint32_t distance, struct plan_draft *draft)
{
	const struct stage *stage = state;
	uint64_t number = draft->plan.number;

	assert_true(distance >= 1 && distance <= AHEAD_SLOTS);
	if (number > stage->last)
		return false;
	describe(number, draft);
	return true;
}

static int open_stage(void **state)
{
	static struct stage stage;

	memset(&stage, 0, sizeof stage);
	stage.last = 1000;
	stage.outlook = (struct outlook){.foresee = foresee, .state = &stage};
	*state = &stage;
	return block_open(&stage.block);
}

static int close_stage(void **state)
{
	struct stage *stage = *state;

	ahead_close(&stage->ahead);
	block_close(&stage->block);
	return 0;
}

static uint32_t count(const struct stage *stage, uint32_t slot_state)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < AHEAD_SLOTS; i++)
		n += stage->block.control->slots[LIMIT_SLOTS + i].state == slot_state;
	return n;
}

static uint32_t find(struct stage *stage, uint64_t number)
{
	struct plan_draft draft = {0};

	describe(number, &draft);
	uint32_t index = ahead_find(&stage->ahead, stage->block.control, &draft);
	plan_draft_free(&draft);
	return index;
}

static void widen(struct stage *stage, uint32_t nhits)
{
	for (uint32_t i = 0; i < nhits; i++)
		ahead_hit(&stage->ahead);
}

static void fill(struct stage *stage, uint64_t number)
{
	ahead_fill(&stage->ahead, &stage->block, number, &stage->outlook);
}

static void test_width_grows_with_use(void **state)
{
	struct stage *stage = *state;

	fill(stage, 1);
	assert_int_equal(count(stage, SLOT_PLANNED), 0); /* nothing is known yet */
	for (uint32_t width = 2; width < AHEAD_SLOTS; width *= 2) {
		ahead_hit(&stage->ahead);
		assert_int_equal(stage->ahead.width, width);
	}
	ahead_hit(&stage->ahead);
	assert_int_equal(stage->ahead.width, AHEAD_SLOTS - 1); /* one answer may be being looked at */
	ahead_miss(&stage->ahead);
	assert_int_equal(stage->ahead.width, 0);
}

static void test_plans_are_found_again(void **state)
{
	struct stage *stage = *state;

	widen(stage, 2);
	fill(stage, 7);
	assert_int_equal(count(stage, SLOT_PLANNED), 4);
	for (uint64_t number = 8; number <= 11; number++) {
		uint32_t index = find(stage, number);
		assert_in_range(index, LIMIT_SLOTS, CONTROL_SLOTS - 1);
		assert_int_equal(stage->block.control->slots[index].plan.number, number);
	}
	assert_int_equal(find(stage, 7), AHEAD_NONE);
	assert_int_equal(find(stage, 12), AHEAD_NONE);
}

static void expect_none(struct stage *stage, const struct plan_draft *draft)
{
	assert_int_equal(ahead_find(&stage->ahead, stage->block.control, draft), AHEAD_NONE);
}

/* Whatever decides an execution makes another plan of it; its number and how long it may be don't. */
static void test_other_plans_are_others(void **state)
{
	struct stage *stage = *state;
	struct plan_draft draft = {0};

	widen(stage, 1);
	fill(stage, 1);
	describe(2, &draft);
	draft.plan.number = 99;
	draft.plan.max_steps = 5;
	assert_int_not_equal(ahead_find(&stage->ahead, stage->block.control, &draft), AHEAD_NONE);
	draft.plan.seed++;
	expect_none(stage, &draft);
	describe(2, &draft);
	draft.plan.clock_start_ns = 1;
	expect_none(stage, &draft);
	describe(2, &draft);
	draft.plan.flags = PLAN_STRICT;
	expect_none(stage, &draft);
	describe(2, &draft);
	draft.prefix[0].value = 1;
	expect_none(stage, &draft);
	describe(2, &draft);
	plan_draft_add(&draft, draft.prefix[0]);
	expect_none(stage, &draft);
	plan_draft_free(&draft);
}

/* Plans are handed out when half of them have been asked for, and none beyond what can be foreseen. */
static void test_filled_when_half_was_asked_for(void **state)
{
	struct stage *stage = *state;
	struct slot *slots = stage->block.control->slots;

	widen(stage, 2);
	stage->last = 6;
	fill(stage, 1);
	assert_int_equal(count(stage, SLOT_PLANNED), 4);
	slots[find(stage, 2)].state = SLOT_DONE;
	fill(stage, 2);
	assert_int_equal(count(stage, SLOT_PLANNED), 3);
	slots[find(stage, 3)].state = SLOT_DONE;
	fill(stage, 3);
	assert_int_equal(count(stage, SLOT_PLANNED), 3); /* 4, 5 and 6: 7 is beyond */
	ahead_release(&stage->ahead, stage->block.control, find(stage, 2));
	assert_int_equal(find(stage, 2), AHEAD_NONE);
}

static void test_halt_takes_back_what_has_not_begun(void **state)
{
	struct stage *stage = *state;
	struct slot *slots = stage->block.control->slots;

	widen(stage, 2);
	fill(stage, 1);
	slots[find(stage, 2)].state = SLOT_DONE;
	uint32_t running = find(stage, 3);
	slots[running].state = SLOT_RUNNING;
	assert_int_equal(ahead_halt(&stage->ahead, stage->block.control), running);
	assert_int_equal(count(stage, SLOT_PLANNED), 0);
	assert_int_not_equal(find(stage, 2), AHEAD_NONE);
	slots[running].state = SLOT_DONE;
	ahead_drop(&stage->ahead, stage->block.control);
	assert_int_equal(find(stage, 2), AHEAD_NONE);
	assert_int_equal(count(stage, SLOT_IDLE), AHEAD_SLOTS);
}

/* Where hardly anything is ever asked for, nothing is tried any more. */
static void test_vain_work_ends(void **state)
{
	struct stage *stage = *state;

	for (uint32_t i = 0; i < 200; i++) { /* an answer each time that nobody asked for */
		stage->ahead.used[0] = true;
		stage->block.control->slots[LIMIT_SLOTS].state = SLOT_DONE;
		ahead_drop(&stage->ahead, stage->block.control);
	}
	widen(stage, 3);
	fill(stage, 1);
	assert_int_equal(count(stage, SLOT_PLANNED), 0);
}

static void test_remarkable_answers_are_not_used(void **state)
{
	struct stage *stage = *state;
	struct slot slot = {.plan = {.max_steps = 100}};
	const struct result fine = {.outcome = OUTCOME_EXITED, .remarks = REMARK_RESTORED | REMARK_WORK, .nsteps = 40};
	struct plan_draft draft = {.plan = {.max_steps = 50}};
	const struct result others[] = {
		{.outcome = OUTCOME_DEADLOCK, .remarks = REMARK_RESTORED, .nsteps = 40},
		{.outcome = OUTCOME_EXITED, .status = 256, .remarks = REMARK_RESTORED, .nsteps = 40},
		{.outcome = OUTCOME_EXITED, .remarks = 0, .nsteps = 40},
		{.outcome = OUTCOME_EXITED, .remarks = REMARK_RESTORED | REMARK_OUTSIDE, .nsteps = 40},
		{.outcome = OUTCOME_EXITED, .remarks = REMARK_RESTORED | REMARK_FAIL, .nsteps = 40},
		{.outcome = OUTCOME_EXITED, .remarks = REMARK_RESTORED, .nsteps = 50},
		{.outcome = OUTCOME_EXITED, .remarks = REMARK_RESTORED, .nsteps = 40, .uncontrolled = 1},
	};

	(void)stage;
	slot.result = fine;
	assert_true(ahead_is_usable(&slot, &draft));
	for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
		slot.result = others[i];
		assert_false(ahead_is_usable(&slot, &draft));
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_stage, close_stage)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_width_grows_with_use),
		TEST(test_plans_are_found_again),
		TEST(test_other_plans_are_others),
		TEST(test_filled_when_half_was_asked_for),
		TEST(test_halt_takes_back_what_has_not_begun),
		TEST(test_vain_work_ends),
		TEST(test_remarkable_answers_are_not_used),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
