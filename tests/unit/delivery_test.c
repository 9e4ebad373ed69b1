/* Which ready events are delivered: all answers to all questions, for a few sources. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "shared/delivery.h"

enum { MOST_QUESTIONS = 16, MOST_OUTCOMES = 256 };

/* Answers that are given one after another; those beyond are 0. */
struct script {
	struct delivery_question question;
	uint32_t answers[MOST_QUESTIONS];
	uint32_t nanswers, nasked;
	enum choice_kind kinds[MOST_QUESTIONS];
	uint32_t objects[MOST_QUESTIONS];
};

static struct script script;

static uint32_t answer(const struct delivery_question *question, enum choice_kind kind, uint32_t object)
{
	(void)question;
	assert_true(script.nasked < MOST_QUESTIONS);
	script.kinds[script.nasked] = kind;
	script.objects[script.nasked] = object;
	return script.nasked < script.nanswers ? script.answers[script.nasked++] : (script.nasked++, 0);
}

static void restart(void)
{
	script.question.ask = answer;
	script.nasked = 0;
}

/* Descriptors 10, 11, ... of objects 1, 2, ... */
static struct delivery of_sources(uint32_t n)
{
	struct delivery delivery = {0};
	for (uint32_t i = 0; i < n; i++)
		delivery_add(&delivery, 10 + (int)i, 1 + i);
	return delivery;
}

/* "13 10": what is delivered, in order. */
static void print(const struct delivery *delivery, char *text)
{
	*text = '\0';
	for (uint32_t pass = 0; pass < 2; pass++)
		for (uint32_t i = 0; i < delivery->n; i++) {
			int fd = delivery->sources[i].fd;
			if (!delivery_is_held(delivery, fd) && delivery_is_first(delivery, fd) == (pass == 0))
				sprintf(text + strlen(text), "%d ", fd);
		}
}

/* The next answers in depth-first order; false: all have been given. */
static bool next_answers(void)
{
	for (script.nanswers = script.nasked; script.nanswers > 0; script.nanswers--)
		if (script.answers[script.nanswers - 1]++ == 0)
			return true;
		else
			script.answers[script.nanswers - 1] = 0;
	return false;
}

/* How many different outcomes there are; each is reached by one series of answers only. */
static uint32_t count_outcomes(uint32_t nsources, uint32_t room, bool ordered)
{
	static char outcomes[MOST_OUTCOMES][64];
	uint32_t n = 0;
	memset(&script, 0, sizeof(script));
	do {
		static struct world world;
		struct delivery delivery = of_sources(nsources);
		memset(world.objects, 0, 16 * sizeof(world.objects[0]));
		restart();
		delivery_decide(&delivery, &world, room, ordered, &script.question);
		assert_true(n < MOST_OUTCOMES);
		print(&delivery, outcomes[n]);
		assert_true(strlen(outcomes[n]) > 0);
		for (uint32_t i = 0; i < n; i++)
			assert_string_not_equal(outcomes[i], outcomes[n]);
		n++;
		memset(script.answers + script.nasked, 0, sizeof(script.answers) - script.nasked * sizeof(uint32_t));
	} while (next_answers());
	return n;
}

/* Unordered: every set but the empty one, 2^n - 1. Ordered: each set of k in k orders, by which one is first. */
static void test_counts(void **state)
{
	(void)state;
	assert_int_equal(count_outcomes(1, 8, true), 1);
	assert_int_equal(count_outcomes(2, 8, false), 3);
	assert_int_equal(count_outcomes(2, 8, true), 4);          /* 2*1 + 1*2 */
	assert_int_equal(count_outcomes(3, UINT32_MAX, false), 7);
	assert_int_equal(count_outcomes(3, 8, true), 12);         /* 3*1 + 3*2 + 1*3 */
	assert_int_equal(count_outcomes(4, 8, true), 32);         /* 4*1 + 6*2 + 4*3 + 1*4 */
}

/* With less room only the first is chosen; the others follow in order. */
static void test_little_room(void **state)
{
	(void)state;
	assert_int_equal(count_outcomes(3, 1, true), 3);
	assert_int_equal(count_outcomes(3, 2, true), 3);
}

static void test_default_is_what_the_kernel_does(void **state)
{
	static struct world world;
	struct delivery delivery = of_sources(3);
	(void)state;
	memset(&script, 0, sizeof(script));
	restart();
	delivery_decide(&delivery, &world, 8, true, &script.question);
	for (int fd = 10; fd < 13; fd++) {
		assert_false(delivery_is_held(&delivery, fd));
		assert_false(delivery_is_first(&delivery, fd));
	}
	/* Three could be held back, two others could be first. */
	assert_int_equal(script.nasked, 5);
	assert_int_equal(script.kinds[0], CHOICE_HOLD);
	assert_int_equal(script.objects[2], 3);
	assert_int_equal(script.kinds[3], CHOICE_EVENT);
	assert_int_equal(script.objects[3], 2);
}

/* Whoever is always held back comes after DELIVERY_HOLDS times, and may be held back again then. */
static void test_holding_is_bounded(void **state)
{
	static struct world world;
	(void)state;
	for (int round = 0; round < 3 * (DELIVERY_HOLDS + 1); round++) {
		struct delivery delivery = of_sources(2);
		memset(&script, 0, sizeof(script));
		script.nanswers = 1;
		script.answers[0] = 1;
		restart();
		delivery_decide(&delivery, &world, 8, false, &script.question);
		if (round % (DELIVERY_HOLDS + 1) == DELIVERY_HOLDS) {
			assert_int_equal(script.objects[0], 2); /* not asked about the first */
			assert_false(delivery_is_held(&delivery, 10));
		} else {
			assert_true(delivery_is_held(&delivery, 10));
		}
	}
}

/* Two descriptors of one object, the ends of a pipe: one of them being delivered doesn't set the other one's count back. */
static void test_two_of_one_object(void **state)
{
	static struct world world;
	(void)state;
	for (int round = 0; round <= DELIVERY_HOLDS; round++) {
		struct delivery delivery = {0};
		delivery_add(&delivery, 3, 7);
		delivery_add(&delivery, 4, 7);
		delivery_add(&delivery, 3, 7); /* once */
		delivery_add(&delivery, 5, 0); /* no source */
		assert_int_equal(delivery.n, 2);
		memset(&script, 0, sizeof(script));
		script.nanswers = 1;
		script.answers[0] = 1;
		restart();
		delivery_decide(&delivery, &world, 8, false, &script.question);
		assert_int_equal(delivery_is_held(&delivery, 3), round < DELIVERY_HOLDS);
		assert_false(delivery_is_held(&delivery, 4));
	}
}

/* Room for one, and always the same answers: everybody comes in turn. */
static void test_little_room_is_shared(void **state)
{
	static struct world world;
	uint32_t seen[3] = {0};
	(void)state;
	for (int round = 0; round < 30; round++) {
		struct delivery delivery = of_sources(3);
		memset(&script, 0, sizeof(script));
		script.nanswers = 1;
		script.answers[0] = (uint32_t)round % 3 != 0; /* sometimes another than the next */
		restart();
		delivery_decide(&delivery, &world, 1, true, &script.question);
		for (uint32_t i = 0; i < 3; i++)
			seen[i] = delivery_is_held(&delivery, 10 + (int)i) ? seen[i] + 1 : 0;
		for (uint32_t i = 0; i < 3; i++)
			assert_true(seen[i] <= DELIVERY_HOLDS + 3);
	}
}

/* More sources than are looked at: those beyond are delivered as they come. */
static void test_many(void **state)
{
	static struct world world;
	struct delivery delivery = of_sources(DELIVERY_SOURCES + 5);
	(void)state;
	assert_int_equal(delivery.n, DELIVERY_SOURCES);
	assert_false(delivery_is_held(&delivery, 10 + DELIVERY_SOURCES));
	assert_int_equal(world.objects[1].count, 0);
}

/* A channel is a task's own as long as nobody else has done anything to it, seen or not. */
static void test_own(void **state)
{
	static struct world world;
	(void)state;
	assert_false(delivery_is_own(&world, 1, 4));
	delivery_use(&world, 1, 4, false);
	delivery_use(&world, 1, 4, true);
	assert_true(delivery_is_own(&world, 1, 4));
	assert_false(delivery_is_own(&world, 1, 5));
	delivery_use(&world, 1, 5, true);
	assert_false(delivery_is_own(&world, 1, 4));
	assert_false(delivery_is_own(&world, 1, 5));
	delivery_use(&world, 1, 4, false);
	assert_false(delivery_is_own(&world, 1, 4));

	/* Read, but nobody was seen to write it. */
	delivery_use(&world, 2, 4, true);
	delivery_use(&world, 2, 4, false);
	assert_false(delivery_is_own(&world, 2, 4));

	/* Who has its other end is not known. */
	world.objects[3].flags = OBJECT_OUTSIDE;
	delivery_use(&world, 3, 4, false);
	assert_false(delivery_is_own(&world, 3, 4));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_counts),
		cmocka_unit_test(test_little_room),
		cmocka_unit_test(test_default_is_what_the_kernel_does),
		cmocka_unit_test(test_holding_is_bounded),
		cmocka_unit_test(test_two_of_one_object),
		cmocka_unit_test(test_little_room_is_shared),
		cmocka_unit_test(test_many),
		cmocka_unit_test(test_own),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
