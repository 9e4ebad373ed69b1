/* Units that wait for each other, or share out a list of work. */
#include "tests/unit/judging.h"

/* The first of two to come waits until the other one has been there. */
static bool meeting(struct shop *shop, int actor, int at)
{
	char sql[128];

	if (at == 0) {
		shop->seen[actor] = shop_read(shop, actor, "accounts", "SELECT balance FROM accounts WHERE id = 1");
		story_step(&shop->story, shop->tasks[actor], OP_BARRIER_WAIT, 30);
		return true;
	}
	if (at > 1)
		return false;
	if (shop->at[1 - actor] == 0)
		shop_act(shop, 1 - actor);
	snprintf(sql, sizeof sql, "UPDATE accounts SET balance = %d WHERE id = 1", (int)shop->seen[actor] - 10);
	shop_write(shop, actor, "accounts", "UPDATE accounts SET balance = ? WHERE id = ?", sql, 'u', 1);
	return true;
}

static void units_that_wait_for_each_other_are_not_judged(void **state)
{
	struct oracle *oracle = open_oracle();
	struct oracle_summary summary;

	(void)state;
	assert_int_not_equal(judge(oracle, meeting, 2, "cwcw", NULL), ORACLE_ILLEGAL);
	oracle_summary(oracle, &summary);
	assert_string_equal(summary.remarks[0], "not judged: charge and webhook wait for each other");
	oracle_close(oracle);
}

/* Workers of a pool: each takes jobs from a list in memory, as many as it can get. */
static bool pool(struct shop *shop, int actor, int at)
{
	char sql[128];
	int taken = 0;

	(void)at;
	for (int i = 0; i < shop->nactors; i++)
		taken += (int)shop->seen[i];
	if (taken == 2)
		return false;
	shop->seen[actor]++;
	snprintf(sql, sizeof sql, "INSERT INTO shipments(order_id, token) VALUES(%d, 'by %s')", taken + 1,
		shop->names[actor]);
	shop_write(shop, actor, "shipments", "INSERT INTO shipments(order_id, token) VALUES(?, ?)", sql, 'i', 0);
	return true;
}

static void who_does_which_job_of_a_pool_is_no_finding(void **state)
{
	struct oracle *oracle = open_oracle();

	(void)state;
	assert_int_equal(judge(oracle, pool, 2, "cc", NULL), ORACLE_LEGAL);
	assert_int_equal(judge(oracle, pool, 2, "ww", NULL), ORACLE_LEGAL);
	assert_int_not_equal(judge(oracle, pool, 2, "cw", NULL), ORACLE_ILLEGAL);
	oracle_close(oracle);
}

/* Workers that claim jobs in the database, one after another until there are none left. */
static bool claims(struct shop *shop, int actor, int at)
{
	char sql[128];

	if (at % 2 == 0) {
		shop->seen[actor] = shop_read(shop, actor, "jobs", "SELECT coalesce(min(id), 0) FROM jobs WHERE worker IS NULL");
		return true;
	}
	if (!shop->seen[actor])
		return false;
	snprintf(sql, sizeof sql, "UPDATE jobs SET worker = '%s' WHERE id = %d AND worker IS NULL", shop->names[actor],
		(int)shop->seen[actor]);
	shop_write(shop, actor, "jobs", "UPDATE jobs SET worker = ? WHERE id = ? AND worker IS NULL", sql, 'u',
		shop->seen[actor]);
	return true;
}

static void who_claims_which_job_of_a_table_is_no_finding(void **state)
{
	struct oracle *oracle = open_oracle();
	struct oracle_summary summary;

	(void)state;
	assert_int_equal(judge(oracle, claims, 2, "ccwwccww", NULL), ORACLE_SUSPECT);
	oracle_summary(oracle, &summary);
	assert_string_equal(summary.remarks[0], "not judged: units that take one piece of work after another shared it out "
		"in a way that no serial order does");
	oracle_close(oracle);
}

/* The same, and each job done is paid for: whoever looked before the other claimed pays again. */
static bool pays(struct shop *shop, int actor, int at)
{
	if (at % 3 != 2)
		return claims(shop, actor, at % 3);
	shop_write(shop, actor, "payments", "INSERT INTO payments DEFAULT VALUES", "INSERT INTO payments DEFAULT VALUES",
		'i', 0);
	return true;
}

static void a_job_done_twice_is_a_finding(void **state)
{
	struct oracle *oracle = open_oracle();
	struct finding *finding = NULL;

	(void)state;
	assert_int_equal(judge(oracle, pays, 2, "cwcwcw", &finding), ORACLE_ILLEGAL);
	assert_string_equal(finding->class, "double effect");
	assert_string_equal(finding->subject, "payments");
	finding_close(finding);
	oracle_close(oracle);
}

/* All wait at a gate before they begin, and for each other when they are done. */
static bool gated(struct shop *shop, int actor, int at)
{
	if (at == 0 || at == 3) {
		story_step(&shop->story, shop->tasks[actor], OP_BARRIER_WAIT, 30);
		return true;
	}
	if (at > 3)
		return false;
	if (at == 1)
		shop->seen[actor] = shop_read(shop, actor, "accounts", "SELECT balance FROM accounts WHERE id = 1");
	else {
		char sql[128];
		snprintf(sql, sizeof sql, "UPDATE accounts SET balance = %d WHERE id = 1", (int)shop->seen[actor] - 10);
		shop_write(shop, actor, "accounts", "UPDATE accounts SET balance = ? WHERE id = ?", sql, 'u', 1);
	}
	return true;
}

static void a_gate_couples_nobody(void **state)
{
	struct oracle *oracle = open_oracle();

	(void)state;
	assert_int_equal(judge(oracle, gated, 2, "cwcwcwcw", NULL), ORACLE_ILLEGAL);
	oracle_close(oracle);
}

/* A lock made of conditions, as Java's monitors: who has to wait, as the first does here, is signalled by who leaves. */
static bool monitored(struct shop *shop, int actor, int at)
{
	if (at == 0 || at == 2)
		return gated(shop, actor, at == 0 ? 1 : 2);
	if (at == 1 && actor == 1)
		story_step(&shop->story, shop->tasks[actor], OP_COND_SIGNAL, 30);
	if (at == 1 && actor == 0 && shop->at[1] == 1)
		story_step(&shop->story, shop->tasks[actor], OP_COND_WAIT, 30);
	return at == 1;
}

static void a_lock_made_of_conditions_couples_nobody(void **state)
{
	struct oracle *oracle = open_oracle();

	(void)state;
	assert_int_equal(judge(oracle, monitored, 2, "cwcwcw", NULL), ORACLE_ILLEGAL);
	oracle_close(oracle);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(units_that_wait_for_each_other_are_not_judged),
		cmocka_unit_test(who_does_which_job_of_a_pool_is_no_finding),
		cmocka_unit_test(who_claims_which_job_of_a_table_is_no_finding),
		cmocka_unit_test(a_job_done_twice_is_a_finding),
		cmocka_unit_test(a_gate_couples_nobody),
		cmocka_unit_test(a_lock_made_of_conditions_couples_nobody),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
