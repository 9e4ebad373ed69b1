/* Units that the database turned away. */
#include "tests/unit/judging.h"

/* What a purchase returns when it has worked, and when it was refused. */
static int64_t result_worked, result_refused;

/* A transaction that reads, then writes: refused when somebody has written in between. */
static bool deferred(struct shop *shop, int actor, int at)
{
	char sql[128];

	if (at == 0) {
		shop->seen[actor] = shop_read(shop, actor, "accounts", "SELECT balance FROM accounts WHERE id = 1");
		return true;
	}
	if (at > 1)
		return false;
	if (shop_number(shop, "SELECT balance FROM accounts WHERE id = 1") != shop->seen[actor]) {
		shop_refuse(shop, actor, "accounts", "UPDATE accounts SET balance = ? WHERE id = ?");
		shop->result[actor] = result_refused;
		return true;
	}
	snprintf(sql, sizeof sql, "UPDATE accounts SET balance = %d WHERE id = 1", (int)shop->seen[actor] - 10 - actor);
	shop_write(shop, actor, "accounts", "UPDATE accounts SET balance = ? WHERE id = ?", sql, 'u', 1);
	shop->result[actor] = result_worked;
	return true;
}

static void a_refusal_that_was_told_is_legal(void **state)
{
	struct oracle *oracle = open_oracle();
	struct oracle_summary summary;

	(void)state;
	result_worked = 0;
	result_refused = 5;
	assert_int_equal(judge(oracle, deferred, 2, "cwcw", NULL), ORACLE_LEGAL);
	assert_int_equal(judge(oracle, deferred, 3, "cwcw", NULL), ORACLE_LEGAL);
	oracle_summary(oracle, &summary);
	assert_int_equal(summary.refused, 1);
	assert_string_equal(summary.remarks[0],
		"refused: webhook was turned away by the database and did nothing in some executions");
	oracle_close(oracle);
}

static void a_refusal_that_nobody_could_tell_is_legal_and_listed(void **state)
{
	struct oracle *oracle = open_oracle();
	struct oracle_summary summary;

	(void)state;
	result_worked = result_refused = 0;
	assert_int_equal(judge(oracle, deferred, 2, "wccw", NULL), ORACLE_LEGAL);
	oracle_summary(oracle, &summary);
	assert_int_equal(summary.refused, 1);
	oracle_close(oracle);
}

static void a_refusal_that_was_kept_quiet_is_lost_work(void **state)
{
	struct oracle *oracle = open_oracle();
	struct finding *finding = NULL;

	(void)state;
	result_worked = result_refused = 7;
	assert_int_equal(judge(oracle, deferred, 2, "cwcw", &finding), ORACLE_ILLEGAL);
	assert_string_equal(finding->class, "lost work");
	assert_string_equal(finding->message, "lost work: webhook reports success although its work was not done: "
		"UPDATE accounts SET balance = ? WHERE id = ? got SQLITE_BUSY: locked by another connection while charge was "
		"writing accounts");
	finding_close(finding);
	oracle_close(oracle);
}

/* Two of three are refused: only what the third did must be there. */
static void several_refusals_are_judged_together(void **state)
{
	struct oracle *oracle = open_oracle();

	(void)state;
	result_worked = 0;
	result_refused = 5;
	assert_int_equal(judge(oracle, deferred, 3, "cwrrcw", NULL), ORACLE_LEGAL);
	oracle_close(oracle);
}

/* Sends the mail before it knows: refused, but not without a trace. */
static bool mail_then_refused(struct shop *shop, int actor, int at)
{
	if (at == 1)
		story_effect(&shop->story, shop->tasks[actor], "mail", "a purchase of Jane Doe, jane@example.org");
	return at == 1 || deferred(shop, actor, at > 1 ? at - 1 : at);
}

static void an_effect_of_a_refused_unit_is_no_refusal(void **state)
{
	struct oracle *oracle = open_oracle();
	struct finding *finding = NULL;

	(void)state;
	result_worked = 0;
	result_refused = 5;
	assert_int_equal(judge(oracle, mail_then_refused, 2, "cwcwcw", &finding), ORACLE_ILLEGAL);
	assert_null(strstr(finding->message, "Jane"));
	finding_close(finding);
	oracle_close(oracle);
}

/* A row of payments is a lock: taken away from whoever has it, taken, and given back whosever it is then. */
static bool locks_of_others(struct shop *shop, int actor, int at)
{
	static const char delete[] = "DELETE FROM payments WHERE id = 9", insert[] = "INSERT INTO payments VALUES (9)";
	char sql[128];

	if (at == 0 || at == 4)
		shop_write(shop, actor, "payments", delete, delete, 'd', 9);
	if (at == 1)
		shop_write(shop, actor, "payments", insert, insert, 'i', 9);
	if (at == 2)
		shop->seen[actor] = shop_read(shop, actor, "accounts", "SELECT balance FROM accounts WHERE id = 1");
	if (at == 3) {
		snprintf(sql, sizeof sql, "UPDATE accounts SET balance = %d WHERE id = 1", (int)shop->seen[actor] - 10);
		shop_write(shop, actor, "accounts", "UPDATE accounts SET balance = ? WHERE id = ?", sql, 'u', 1);
	}
	return at < 5;
}

/* Both write the same: without the second one's work all would look alike. */
static void who_misses_his_own_was_not_refused(void **state)
{
	struct oracle *oracle = open_oracle();
	struct finding *finding = NULL;

	(void)state;
	assert_int_equal(judge(oracle, locks_of_others, 2, "cccccwwwww", NULL), ORACLE_LEGAL);
	assert_int_equal(judge(oracle, locks_of_others, 2, "cccwwwccww", &finding), ORACLE_ILLEGAL);
	finding_close(finding);
	oracle_close(oracle);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_refusal_that_was_told_is_legal),
		cmocka_unit_test(a_refusal_that_nobody_could_tell_is_legal_and_listed),
		cmocka_unit_test(a_refusal_that_was_kept_quiet_is_lost_work),
		cmocka_unit_test(several_refusals_are_judged_together),
		cmocka_unit_test(an_effect_of_a_refused_unit_is_no_refusal),
		cmocka_unit_test(who_misses_his_own_was_not_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
