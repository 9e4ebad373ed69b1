#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "explorer/schedule.h"
#include "rehearsal.h"

static const char *const functions[] = {NULL, "main", "fulfill", "log_line", "std::queue<int>::pop()"};

static const struct rehearsal_op main_of_two[] = {
	{OP_CREATE, 1, .site = 1}, {OP_CREATE, 2, .site = 1}, {OP_JOIN, 1, .site = 1}, {OP_JOIN, 2, .site = 1}, {0}};

static const struct rehearsal_op main_of_four[] = {{OP_CREATE, 1, .site = 1}, {OP_CREATE, 2, .site = 1},
	{OP_CREATE, 3, .site = 1}, {OP_CREATE, 4, .site = 1}, {OP_JOIN, 4, .site = 1}, {OP_JOIN, 1, .site = 1},
	{OP_JOIN, 2, .site = 1}, {OP_JOIN, 3, .site = 1}, {0}};

static const struct rehearsal_op fulfill_ops[] = {
	{OP_SQLITE_STEP, 1, .site = 2, .text = "SELECT status FROM orders WHERE id = ?"},
	{OP_SQLITE_STEP, 1, .site = 2, .text = "UPDATE orders SET status = ? WHERE id = ?", .choice = CHOICE_BUSY},
	{OP_SQLITE_STEP, 1, .site = 2, .text = "INSERT INTO shipments VALUES (?)"}, {0}};

static const struct rehearsal shop = {
	{{"main", main_of_two}, {"charge", fulfill_ops}, {"webhook", fulfill_ops}}, functions};

/* Commits whose replies may be lost. */
static const struct rehearsal_op commit_ops[] = {{OP_DB_STATEMENT, 1, .site = 2, .text = "INSERT"},
	{OP_DB_STATEMENT, 1, .site = 2, .text = "COMMIT", .choice = CHOICE_FAULT},
	{OP_DB_STATEMENT, 1, .site = 2, .text = "COMMIT", .choice = CHOICE_FAULT}, {0}};
static const struct rehearsal commits = {
	{{"main", main_of_two}, {"charge", commit_ops}, {"webhook", commit_ops}}, functions};

/* The second update of `transfer` always closes a cycle. */
static const struct rehearsal_op transfer_ops[] = {{OP_DB_STATEMENT, 1, .site = 2, .text = "UPDATE a"},
	{OP_DB_STATEMENT, 1, .site = 2, .text = "UPDATE b", .choice = CHOICE_VICTIM},
	{OP_DB_STATEMENT, 1, .site = 2, .text = "ROLLBACK"}, {0}};
static const struct rehearsal transfers = {
	{{"main", main_of_two}, {"transfer", transfer_ops}, {"webhook", fulfill_ops}}, functions};

/* The same, edited: it logs before, between and after, under a lock of its own. */
static const struct rehearsal_op logging_ops[] = {{OP_MUTEX_LOCK, 3, .site = 3}, {OP_MUTEX_UNLOCK, 3, .site = 3},
	{OP_SQLITE_STEP, 1, .site = 2, .text = "SELECT status FROM orders WHERE id = ?"}, {OP_MUTEX_LOCK, 3, .site = 3},
	{OP_MUTEX_UNLOCK, 3, .site = 3}, {OP_YIELD, .site = 3},
	{OP_SQLITE_STEP, 1, .site = 2, .text = "UPDATE orders SET status = ? WHERE id = ?"},
	{OP_SQLITE_STEP, 1, .site = 2, .text = "INSERT INTO shipments VALUES (?)"}, {OP_MUTEX_LOCK, 3, .site = 3},
	{OP_MUTEX_UNLOCK, 3, .site = 3}, {0}};

static const struct rehearsal edited_shop = {
	{{"main", main_of_two}, {"charge", logging_ops}, {"webhook", logging_ops}}, functions};

static const struct rehearsal_op lock_ab[] = {{OP_MUTEX_LOCK, 1, .site = 2}, {OP_MUTEX_LOCK, 2, .site = 2},
	{OP_MUTEX_UNLOCK, 2, .site = 2}, {OP_MUTEX_UNLOCK, 1, .site = 2}, {OP_MUTEX_LOCK, 1, .site = 2},
	{OP_MUTEX_UNLOCK, 1, .site = 2}, {0}};
static const struct rehearsal_op lock_ba[] = {{OP_MUTEX_LOCK, 2, .site = 4}, {OP_MUTEX_LOCK, 1, .site = 4},
	{OP_MUTEX_UNLOCK, 1, .site = 4}, {OP_MUTEX_UNLOCK, 2, .site = 4}, {OP_YIELD, .site = 4},
	{OP_MUTEX_LOCK, 2, .site = 2}, {OP_MUTEX_UNLOCK, 2, .site = 2}, {0}};
static const struct rehearsal locks = {{{"main", main_of_two}, {"ab", lock_ab}, {"ba", lock_ba}}, functions};

static const struct rehearsal_op waiter_ops[] = {{OP_MUTEX_LOCK, 1, .site = 2}, {OP_COND_WAIT, 1, 1, .site = 2},
	{OP_COND_WAKE, 1, 1, .site = 2}, {OP_MUTEX_UNLOCK, 1, .site = 2}, {0}};
static const struct rehearsal_op patient_ops[] = {{OP_MUTEX_LOCK, 1, .site = 2}, {OP_COND_TIMEDWAIT, 1, 1, .site = 2},
	{OP_COND_WAKE, 1, 1, .site = 2, .wait_ns = 1000}, {OP_MUTEX_UNLOCK, 1, .site = 2},
	{OP_SLEEP, .site = 3, .wait_ns = 500}, {OP_YIELD, .site = 3}, {0}};
static const struct rehearsal_op notifier_ops[] = {{OP_SLEEP, .site = 3, .wait_ns = 700}, {OP_MUTEX_LOCK, 1, .site = 4},
	{OP_COND_SIGNAL, 1, .site = 4}, {OP_MUTEX_UNLOCK, 1, .site = 4}, {OP_COND_SIGNAL, 1, .site = 4},
	{OP_YIELD, .site = 4}, {OP_COND_BROADCAST, 1, .site = 4}, {OP_SEM_POST, 1, .site = 4, .choice = CHOICE_SIGNAL},
	{0}};
static const struct rehearsal waits = {{{"main", main_of_four}, {"waiter", waiter_ops}, {"waiter#2", waiter_ops},
					       {"patient", patient_ops}, {"notifier", notifier_ops}},
	functions};
static const struct rehearsal_op serve_ops[] = {{OP_POLL, 1, .site = 2, .choice = CHOICE_HOLD, .about = 3},
	{OP_PIPE_READ, 1, .site = 3}, {OP_POLL, 1, .site = 2, .choice = CHOICE_HOLD, .about = 2},
	{OP_POLL, 1, .site = 4, .choice = CHOICE_EVENT, .about = 2}, {OP_PIPE_WRITE, 2, .site = 3}, {0}};
static const struct rehearsal loops = {{{"main", main_of_two}, {"serve", serve_ops}, {"loop", serve_ops}}, functions};

/* The turn goes to and fro, and no line says so. */
static const struct rehearsal_op yielding_ops[] = {{OP_YIELD, .site = 3}, {OP_MUTEX_LOCK, 1, .site = 2},
	{OP_YIELD, .site = 3}, {OP_MUTEX_UNLOCK, 1, .site = 2}, {OP_YIELD, .site = 3}, {0}};
static const struct rehearsal yields = {
	{{"main", main_of_two}, {"first", yielding_ops}, {"second", yielding_ops}}, functions};

static const struct rehearsal bare_waits = {{{"main", main_of_four}, {"waiter", waiter_ops}, {"waiter#2", waiter_ops},
						    {"patient", patient_ops}, {"notifier", notifier_ops}},
	NULL};

static struct schedule *parse(const char *text)
{
	char reason[256] = "";
	struct schedule *schedule = schedule_parse(text, strlen(text), reason, sizeof reason);

	if (schedule == NULL)
		fail_msg("%s", reason);
	return schedule;
}

/* The schedule of a trace, printed and read again: what a file holds. */
static struct schedule *reread(const struct trace *trace, const struct symbols *symbols, char **text)
{
	struct schedule *schedule = schedule_from_trace(trace, symbols);
	size_t nbytes;
	FILE *out = open_memstream(text, &nbytes);

	assert_non_null(schedule);
	assert_int_equal(schedule_print(schedule, out), 0);
	fclose(out);
	schedule_close(schedule);
	return parse(*text);
}

static struct trace *follow(
	const struct rehearsal *rehearsal, const struct schedule *schedule, bool best_effort, char *divergence)
{
	struct plan plan = {.chooser = CHOOSER_FIRST};
	struct symbols symbols = rehearsal_symbols(rehearsal);
	struct follower *follower =
		follower_open(schedule, rehearsal->functions != NULL ? &symbols : NULL, best_effort);
	struct trace *trace = rehearsal_run(rehearsal, &plan, NULL, follower);

	follower_finish(follower, trace);
	strcpy(divergence, follower_divergence(follower));
	follower_close(follower);
	return trace;
}

/* However an execution came about, its schedule leads to the same one. Returns how many outcomes there were. */
static uint32_t follows_every_trace_of(const struct rehearsal *rehearsal, uint16_t chooser)
{
	struct symbols symbols = rehearsal_symbols(rehearsal);
	uint32_t outcomes = 0;

	for (uint64_t seed = 1; seed <= 200; seed++) {
		struct plan plan = {.chooser = chooser, .seed = seed, .depth = 3, .length = 20};
		struct trace *trace = rehearsal_run(rehearsal, &plan, NULL, NULL);
		char *text, divergence[1024];
		struct schedule *schedule = reread(trace, rehearsal->functions != NULL ? &symbols : NULL, &text);
		struct trace *again = follow(rehearsal, schedule, false, divergence);
		if (*divergence != '\0' || trace->result.hash != again->result.hash)
			fail_msg("seed %lu: %s\n%s", seed, divergence, text);
		assert_int_equal(schedule->trace, again->result.hash);
		outcomes |= 1u << trace->result.outcome;
		rehearsal_free(again);
		rehearsal_free(trace);
		schedule_close(schedule);
		free(text);
	}
	return outcomes;
}

static void test_random_executions_are_repeated(void **state)
{
	(void)state;
	uint32_t both = 1u << OUTCOME_EXITED | 1u << OUTCOME_DEADLOCK;
	assert_int_equal(follows_every_trace_of(&shop, CHOOSER_RANDOM), 1u << OUTCOME_EXITED);
	assert_int_equal(follows_every_trace_of(&locks, CHOOSER_RANDOM), both);
	assert_int_equal(follows_every_trace_of(&waits, CHOOSER_RANDOM), both);
	assert_int_equal(follows_every_trace_of(&bare_waits, CHOOSER_RANDOM), both);
	assert_int_equal(follows_every_trace_of(&loops, CHOOSER_RANDOM), 1u << OUTCOME_EXITED);
	assert_int_equal(follows_every_trace_of(&yields, CHOOSER_RANDOM), 1u << OUTCOME_EXITED);
}

static void test_who_yields_comes_last(void **state)
{
	(void)state;
	assert_int_equal(follows_every_trace_of(&yields, CHOOSER_FIRST), 1u << OUTCOME_EXITED);
}

static void test_pct_executions_are_repeated(void **state)
{
	(void)state;
	follows_every_trace_of(&shop, CHOOSER_PCT);
	follows_every_trace_of(&locks, CHOOSER_PCT);
	follows_every_trace_of(&waits, CHOOSER_PCT);
}

static const char double_fulfillment[] =
	"race-schedule 1\n"
	"run main until join charge\n"
	"run charge until sqlite-step \"UPDATE orders SET status = ? WHERE id = ?\" in fulfill\n"
	"run webhook until exit\n"
	"run charge until exit\n";

static uint32_t step_of(const struct trace *trace, const char *task, const char *text)
{
	for (uint32_t i = 0; i < trace->nsteps; i++)
		if (strcmp(trace_task_name(trace, trace->steps[i].task), task) == 0 &&
			strncmp(trace_statement_text(trace, trace_step_announce(trace, i)->request.statement), text,
				strlen(text)) == 0)
			return i;
	fail_msg("%s has no step %s", task, text);
	return 0;
}

/* The schedule names what happens, not how many steps it takes: edits elsewhere don't matter. */
static void test_survives_edits(void **state)
{
	(void)state;
	char divergence[1024];
	struct schedule *schedule = parse(double_fulfillment);
	struct trace *trace = follow(&edited_shop, schedule, false, divergence);
	assert_string_equal(divergence, "");
	assert_true(step_of(trace, "charge", "SELECT") < step_of(trace, "webhook", "SELECT"));
	assert_true(step_of(trace, "webhook", "INSERT") < step_of(trace, "charge", "UPDATE"));
	rehearsal_free(trace);
	schedule_close(schedule);
}

static void diverges(const struct rehearsal *rehearsal, const char *text, const char *because)
{
	char divergence[1024];
	struct schedule *schedule = parse(text);
	struct trace *trace = follow(rehearsal, schedule, false, divergence);

	assert_string_equal(divergence, because);
	rehearsal_free(trace);
	trace = follow(rehearsal, schedule, true, divergence);
	assert_int_not_equal(trace->result.outcome, OUTCOME_DIVERGED);
	assert_string_equal(divergence, because);
	rehearsal_free(trace);
	schedule_close(schedule);
}

static void test_divergence_is_named(void **state)
{
	(void)state;
	diverges(&shop, "race-schedule 1\nrun main until join charge\n\nrun webhook until sqlite-step \"DELETE\"\n",
		"line 4: webhook never reached sqlite-step \"DELETE\" (it ended after 5 operations)");
	diverges(&locks,
		"race-schedule 1\nrun main until join ab\nrun ba until mutex-unlock lock\n"
		"run ab until mutex-unlock\n",
		"line 4: ab never reached mutex-unlock (it can't go on: mutex-lock lock  in fulfill)");
	diverges(&locks,
		"race-schedule 1\nrun main until join ab\nrun ba until mutex-lock lock\nrun ab until mutex-unlock\n",
		"line 4: ab never reached mutex-unlock (the execution ended first: deadlock)");
	diverges(&shop, "race-schedule 1\nrun refund until exit\n",
		"line 2: refund never ended (there was no task of that name)");
	diverges(&shop, "race-schedule 1\nrun main until exit\n",
		"line 2: main never ended (it can't go on: join charge  in main)");
	diverges(&shop, "race-schedule 1\nrun main until join charge\nrun charge until sqlite-step in refund\n",
		"line 3: charge never reached sqlite-step  in refund (it ended after 5 operations)");
	diverges(&shop, "race-schedule 1\nrun charge until sqlite-step #4\n",
		"line 2: charge never reached sqlite-step  #4 (it ended after 5 operations)");
	diverges(&waits, "race-schedule 1\ntimeout patient sleep #2\n",
		"line 2: patient never timed out in sleep  #2 (it ended after 8 operations)");
}

static void test_what_cannot_be_followed_yet_is_named(void **state)
{
	(void)state;
	diverges(&shop, "race-schedule 1\nrun main until join charge\ngrant charge before webhook on orders key ?\n",
		"line 3: charge never could choose 'grant before webhook on orders key ?' (this build can't follow "
		"'grant' lines)");
	diverges(&shop, "race-schedule 1\ndb shop postgresql 15\nrun main until join charge\n",
		"db shop postgresql 15: this build controls no such database");
}

static void test_best_effort_goes_on(void **state)
{
	(void)state;
	char divergence[1024];
	struct schedule *schedule =
		parse("race-schedule 1\nrun main until join charge\nrun charge until sqlite-step \"DELETE\"\n"
		      "run webhook until exit\n");
	struct trace *trace = follow(&shop, schedule, true, divergence);
	assert_true(step_of(trace, "charge", "INSERT") < step_of(trace, "webhook", "SELECT"));
	assert_int_equal(trace->result.outcome, OUTCOME_EXITED);
	assert_string_equal(
		divergence, "line 3: charge never reached sqlite-step \"DELETE\" (it ended after 5 operations)");
	rehearsal_free(trace);
	schedule_close(schedule);
}

/* A line whose task is not there yet lets the others go on. */
static void test_waits_for_a_task_to_be_born(void **state)
{
	(void)state;
	char divergence[1024];
	struct schedule *schedule = parse("race-schedule 1\nrun webhook until exit\n");
	struct trace *trace = follow(&shop, schedule, false, divergence);
	assert_string_equal(divergence, "");
	assert_true(step_of(trace, "webhook", "INSERT") < step_of(trace, "charge", "SELECT"));
	rehearsal_free(trace);
	schedule_close(schedule);
}

static uint32_t taken(const struct trace *trace, uint16_t kind)
{
	for (uint32_t i = 0; i < trace->nvalue_choices; i++)
		if (trace->value_choices[i].kind == kind)
			return trace->value_choices[i].taken;
	return ~0u;
}

static void test_values_by_hand(void **state)
{
	(void)state;
	char divergence[1024];
	struct schedule *schedule =
		parse("race-schedule 1\nbusy charge \"UPDATE orders SET status = ? WHERE id = ?\"\n");
	struct trace *trace = follow(&shop, schedule, false, divergence);
	assert_string_equal(divergence, "");
	assert_int_equal(taken(trace, CHOICE_BUSY), 1);
	rehearsal_free(trace);
	schedule_close(schedule);

	schedule = parse("race-schedule 1\nrun waiter until cond-wake\nrun waiter#2 until cond-wake\nrun patient until "
			 "cond-wake\n"
			 "timeout notifier sleep\nwake notifier cond-signal ready waiter#2\n");
	trace = follow(&waits, schedule, false, divergence);
	assert_string_equal(divergence, "");
	assert_int_equal(taken(trace, CHOICE_WAKE), 1);
	rehearsal_free(trace);
	schedule_close(schedule);
}

static void test_faults_by_hand(void **state)
{
	(void)state;
	char divergence[1024];
	struct schedule *schedule = parse("race-schedule 1\nfault charge reply-lost COMMIT #2\n");
	struct trace *trace = follow(&commits, schedule, false, divergence);
	assert_string_equal(divergence, "");
	uint32_t nfaults = 0;
	for (uint32_t i = 0; i < trace->nvalue_choices; i++)
		nfaults += trace->value_choices[i].taken;
	assert_int_equal(nfaults, FAULT_REPLY_LOST);
	assert_int_equal(taken(trace, CHOICE_FAULT), FAULT_NONE);
	rehearsal_free(trace);
	schedule_close(schedule);

	schedule = parse("race-schedule 1\nfault charge reply-lost ROLLBACK\n");
	trace = follow(&commits, schedule, false, divergence);
	assert_string_equal(divergence, "line 2: charge never could meet reply-lost \"ROLLBACK\" (it ended after 5 operations)");
	rehearsal_free(trace);
	schedule_close(schedule);

	schedule = parse("race-schedule 1\nfault charge frozen COMMIT\n");
	trace = follow(&commits, schedule, false, divergence);
	assert_non_null(strstr(divergence, "can't follow 'fault' lines"));
	rehearsal_free(trace);
	schedule_close(schedule);
}

/* The choices that differ from what is normal: their words and numbers. */
static void print_taken(const struct trace *trace, char *text)
{
	*text = '\0';
	for (uint32_t i = 0; i < trace->nvalue_choices; i++)
		if (trace->value_choices[i].taken != 0)
			sprintf(text + strlen(text), "%s %u ", choice_word(trace->value_choices[i].kind), i);
}

static void follows_as(const char *text, const char *expected)
{
	char divergence[1024], choices[256];
	struct schedule *schedule = parse(text);
	struct trace *trace = follow(&loops, schedule, false, divergence);
	assert_string_equal(divergence, "");
	print_taken(trace, choices);
	assert_string_equal(choices, expected);
	rehearsal_free(trace);
	schedule_close(schedule);
}

/* Each task is offered: hold 1 2 3 1, hold 1 2 1, deliver 1 2 1; `serve` comes first. */
static void test_descriptors_by_hand(void **state)
{
	(void)state;
	follows_as("race-schedule 1\nhold serve channel#2\n", "hold 1 ");
	follows_as("race-schedule 1\nhold serve channel#1 #2\n", "hold 3 ");
	follows_as("race-schedule 1\nhold serve channel#2 #2 in fulfill\n", "hold 5 ");
	follows_as("race-schedule 1\nhold serve channel#1\nhold serve channel#1\n", "hold 0 hold 3 ");
	follows_as("race-schedule 1\ndeliver serve channel#2 in std::queue<int>::pop()\nhold loop channel#3\n",
		"deliver 8 hold 12 ");
	diverges(&loops, "race-schedule 1\nhold serve channel#7 in fulfill\n",
		"line 2: serve never could hold channel#7  in fulfill (it ended after 7 operations)");
	diverges(&loops, "race-schedule 1\nhold serve \"http#1\"\n",
		"line 2: serve never could hold \"http#1\" (this build can't follow 'hold' lines)");
}

static void test_victims(void **state)
{
	(void)state;
	const char *text = "race-schedule 1\nvictim transfer 40P01\nrun webhook until exit\n";
	char divergence[1024];
	struct schedule *schedule = parse(text);
	struct trace *trace = follow(&transfers, schedule, false, divergence);

	assert_string_equal(divergence, "");
	rehearsal_free(trace);
	schedule_close(schedule);
	assert_true(follows_every_trace_of(&transfers, CHOOSER_RANDOM) > 1);
	diverges(&transfers, "race-schedule 1\nvictim webhook 40P01\n",
		"line 2: webhook never was the victim of a deadlock (40P01) (it ended after 5 operations)");
	diverges(&transfers, "race-schedule 1\nvictim transfer 1213\n",
		"line 2: transfer never was the victim of a deadlock (1213) ('1213' is not among what can happen)");
}

static void test_a_waiter_that_is_not_there(void **state)
{
	(void)state;
	diverges(&waits,
		"race-schedule 1\nrun waiter until cond-wake\nrun waiter#2 until cond-wake\nrun patient until "
		"cond-wake\n"
		"timeout notifier sleep\nwake notifier cond-signal main\n",
		"line 6: notifier never could choose whom it wakes by cond-signal main (main does not wait there)");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_random_executions_are_repeated),
		cmocka_unit_test(test_who_yields_comes_last),
		cmocka_unit_test(test_pct_executions_are_repeated),
		cmocka_unit_test(test_survives_edits),
		cmocka_unit_test(test_divergence_is_named),
		cmocka_unit_test(test_what_cannot_be_followed_yet_is_named),
		cmocka_unit_test(test_victims),
		cmocka_unit_test(test_best_effort_goes_on),
		cmocka_unit_test(test_waits_for_a_task_to_be_born),
		cmocka_unit_test(test_values_by_hand),
		cmocka_unit_test(test_faults_by_hand),
		cmocka_unit_test(test_descriptors_by_hand),
		cmocka_unit_test(test_a_waiter_that_is_not_there),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
