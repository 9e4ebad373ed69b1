#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "explorer/minimize.h"
#include "explorer/schedule.h"
#include "rehearsal.h"

static const struct rehearsal_op main_of_two[] = {
	{OP_CREATE, 1, .site = 1}, {OP_CREATE, 2, .site = 1}, {OP_JOIN, 1, .site = 1}, {OP_JOIN, 2, .site = 1}, {0}};

static const struct rehearsal_op main_of_four[] = {{OP_CREATE, 1, .site = 1}, {OP_CREATE, 2, .site = 1},
	{OP_CREATE, 3, .site = 1}, {OP_CREATE, 4, .site = 1}, {OP_JOIN, 1, .site = 1}, {OP_JOIN, 2, .site = 1},
	{OP_JOIN, 3, .site = 1}, {OP_JOIN, 4, .site = 1}, {0}};

static const struct rehearsal_op fulfill_ops[] = {{OP_MUTEX_LOCK, 3, .site = 1}, {OP_MUTEX_UNLOCK, 3, .site = 1},
	{OP_SQLITE_STEP, 1, .site = 1, .text = "read"}, {OP_MUTEX_LOCK, 3, .site = 1}, {OP_MUTEX_UNLOCK, 3, .site = 1},
	{OP_SQLITE_STEP, 1, .site = 1, .text = "write"}, {OP_MUTEX_LOCK, 3, .site = 1}, {OP_MUTEX_UNLOCK, 3, .site = 1},
	{0}};

static const struct rehearsal_op noise_ops[] = {{OP_MUTEX_LOCK, 3, .site = 1}, {OP_MUTEX_UNLOCK, 3, .site = 1},
	{OP_YIELD, .site = 1}, {OP_MUTEX_LOCK, 3, .site = 1}, {OP_MUTEX_UNLOCK, 3, .site = 1}, {0}};

static const struct rehearsal_op lock_ab[] = {{OP_MUTEX_LOCK, 1, .site = 1}, {OP_MUTEX_LOCK, 2, .site = 1},
	{OP_MUTEX_UNLOCK, 2, .site = 1}, {OP_MUTEX_UNLOCK, 1, .site = 1}, {0}};
static const struct rehearsal_op lock_ba[] = {{OP_MUTEX_LOCK, 2, .site = 1}, {OP_MUTEX_LOCK, 1, .site = 1},
	{OP_MUTEX_UNLOCK, 1, .site = 1}, {OP_MUTEX_UNLOCK, 2, .site = 1}, {0}};

static const struct rehearsal_op patient_ops[] = {{OP_MUTEX_LOCK, 1, .site = 1}, {OP_COND_TIMEDWAIT, 1, 1, .site = 1},
	{OP_COND_WAKE, 1, 1, .site = 1, .wait_ns = 1000}, {OP_MUTEX_UNLOCK, 1, .site = 1}, {0}};
static const struct rehearsal_op notifier_ops[] = {{OP_YIELD, .site = 1}, {OP_MUTEX_LOCK, 1, .site = 1},
	{OP_COND_SIGNAL, 1, .site = 1}, {OP_MUTEX_UNLOCK, 1, .site = 1}, {0}};

static const struct rehearsal shop = {{{"main", main_of_four}, {"charge", fulfill_ops}, {"webhook", fulfill_ops},
					      {"log", noise_ops}, {"log#2", noise_ops}},
	NULL};
static const struct rehearsal locks = {{{"main", main_of_two}, {"ab", lock_ab}, {"ba", lock_ba}}, NULL};
static const struct rehearsal waits = {{{"main", main_of_four}, {"patient", patient_ops}, {"notifier", notifier_ops},
					       {"log", noise_ops}, {"log#2", noise_ops}},
	NULL};

typedef bool failing(const struct trace *trace);

static uint32_t step_of(const struct trace *trace, uint32_t task, const char *text)
{
	for (uint32_t i = 0; i < trace->nsteps; i++)
		if (trace->steps[i].task == task &&
			strcmp(trace_statement_text(trace, trace_step_announce(trace, i)->request.statement), text) ==
				0)
			return i;
	return ~0u;
}

/* Both read before either writes. Tasks are numbered as they are created. */
static bool both_fulfill(const struct trace *trace)
{
	return step_of(trace, 2, "read") < step_of(trace, 3, "write") &&
		step_of(trace, 3, "read") < step_of(trace, 2, "write");
}

/* read, read, write, write, with the tasks taking turns each time: two preemptions are needed. */
static bool takes_turns(const struct trace *trace)
{
	return step_of(trace, 2, "read") < step_of(trace, 3, "read") &&
		step_of(trace, 3, "read") < step_of(trace, 2, "write") &&
		step_of(trace, 2, "write") < step_of(trace, 3, "write");
}

static bool deadlocks(const struct trace *trace)
{
	return trace->result.outcome == OUTCOME_DEADLOCK;
}

/* A wait was timed out although others could have gone. */
static bool times_out(const struct trace *trace)
{
	for (uint32_t i = 0; i < trace->nsteps; i++)
		if ((trace->steps[i].flags & STEP_TIMEOUT) && trace->steps[i].cost > 0)
			return true;
	return false;
}

static bool always(const struct trace *trace)
{
	return trace->nsteps > 0;
}

/* A failing execution of many preemptions. */
static struct trace *find(const struct rehearsal *rehearsal, failing *fails, uint64_t *seed, struct plan *plan)
{
	for (;; ++*seed) {
		*plan = (struct plan){.chooser = CHOOSER_RANDOM, .seed = *seed};
		struct trace *trace = rehearsal_run(rehearsal, plan, NULL, NULL);
		if (fails(trace))
			return trace;
		rehearsal_free(trace);
	}
}

static struct trace *run_draft(const struct rehearsal *rehearsal, const struct plan_draft *draft)
{
	assert_int_equal(draft->plan.nprefix, draft->nprefix);
	return rehearsal_run(rehearsal, &draft->plan, draft->prefix, NULL);
}

/* Minimizes 50 random executions; the largest numbers of preemptions and of lines that are left. */
static void minimize_all(const struct rehearsal *rehearsal, failing *fails, uint32_t *npreemptions, uint32_t *nlines)
{
	struct plan_draft draft = {0};
	uint64_t seed = 1;

	*npreemptions = *nlines = 0;
	for (int i = 0; i < 50; i++, seed++) {
		struct trace *trace = find(rehearsal, fails, &seed, &draft.plan);
		struct minimize *minimize = minimize_open(trace);
		uint32_t before = trace->result.npreemptions, ncandidates = 0;
		rehearsal_free(trace);
		for (; minimize_next(minimize, &draft) == STRATEGY_READY; ncandidates++) {
			trace = run_draft(rehearsal, &draft);
			minimize_learn(minimize, trace, fails(trace));
			rehearsal_free(trace);
		}
		assert_in_range(ncandidates, 1, 500);
		assert_int_equal(minimize_best(minimize, &draft), 0);
		draft.plan.flags |= PLAN_STRICT;
		trace = run_draft(rehearsal, &draft);
		assert_true(fails(trace));
		assert_in_range(trace->result.npreemptions, 0, before);
		struct schedule *schedule = schedule_from_trace(trace, NULL);
		*npreemptions = trace->result.npreemptions > *npreemptions ? trace->result.npreemptions : *npreemptions;
		*nlines = schedule->nlines > *nlines ? schedule->nlines : *nlines;
		schedule_close(schedule);
		rehearsal_free(trace);
		minimize_close(minimize);
	}
	plan_draft_free(&draft);
}

static void shrinks_to(const struct rehearsal *rehearsal, failing *fails, uint32_t npreemptions, uint32_t nlines)
{
	uint32_t most_preemptions, most_lines;

	minimize_all(rehearsal, fails, &most_preemptions, &most_lines);
	assert_int_equal(most_preemptions, npreemptions);
	assert_int_equal(most_lines, nlines);
}

static void test_double_fulfillment(void **state)
{
	(void)state;
	shrinks_to(&shop, both_fulfill, 1, 4);
}

static void test_needs_two_preemptions(void **state)
{
	(void)state;
	/* four lines would do, but where a lock is in the way no single step leads there */
	shrinks_to(&shop, takes_turns, 2, 5);
}

static void test_deadlock(void **state)
{
	(void)state;
	shrinks_to(&locks, deadlocks, 1, 3);
}

static void test_time_out(void **state)
{
	(void)state;
	shrinks_to(&waits, times_out, 1, 3);
}

static void test_what_always_fails_needs_nothing(void **state)
{
	(void)state;
	shrinks_to(&shop, always, 0, 0);
}

/* Nothing smaller fails: the best is what it was. */
static void test_keeps_what_cannot_be_shrunk(void **state)
{
	(void)state;
	struct plan_draft draft = {0};
	uint64_t seed = 1;
	struct trace *trace = find(&shop, both_fulfill, &seed, &draft.plan);
	struct minimize *minimize = minimize_open(trace);
	while (minimize_next(minimize, &draft) == STRATEGY_READY) {
		assert_int_equal(draft.plan.chooser, CHOOSER_FIRST);
		assert_false(draft.plan.flags & PLAN_STRICT);
		assert_int_equal(draft.plan.seed, seed);
		struct trace *tried = run_draft(&shop, &draft);
		minimize_learn(minimize, tried, false);
		rehearsal_free(tried);
	}
	assert_int_equal(minimize_best(minimize, &draft), 0);
	struct trace *again = run_draft(&shop, &draft);
	assert_int_equal(again->result.hash, trace->result.hash);
	rehearsal_free(again);
	rehearsal_free(trace);
	minimize_close(minimize);
	minimize_close(NULL);
	plan_draft_free(&draft);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_double_fulfillment),
		cmocka_unit_test(test_needs_two_preemptions),
		cmocka_unit_test(test_deadlock),
		cmocka_unit_test(test_time_out),
		cmocka_unit_test(test_what_always_fails_needs_nothing),
		cmocka_unit_test(test_keeps_what_cannot_be_shrunk),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
