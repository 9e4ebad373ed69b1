#include "tests/unit/judging.h"

static bool insert_shipment(struct shop *shop, int actor)
{
	char sql[256];

	snprintf(sql, sizeof sql, "INSERT INTO shipments(order_id, token, at) VALUES(1, 'token-%llu-%d', %llu)",
		(unsigned long long)shop->seed * 1000003, actor, 1700000000ULL + (unsigned long long)shop->seed % 1000);
	shop_write(shop, actor, "shipments", "INSERT INTO shipments(order_id, token, at) VALUES(?, ?, ?)", sql, 'i', 0);
	return true;
}

/* SELECT, UPDATE, INSERT: nothing holds the three together. */
static bool naive(struct shop *shop, int actor, int at)
{
	if (at == 0) {
		shop->seen[actor] = shop_read(shop, actor, "orders", "SELECT status = 'pending' FROM orders WHERE id = ?1");
		shop->seen[actor] = shop_number(shop, "SELECT status = 'pending' FROM orders WHERE id = 1");
		return true;
	}
	if (!shop->seen[actor] || at > 2)
		return false;
	if (at == 2)
		return insert_shipment(shop, actor);
	shop_write(shop, actor, "orders", "UPDATE orders SET status = ? WHERE id = ?",
		"UPDATE orders SET status = 'fulfilled' WHERE id = 1", 'u', 1);
	return true;
}

static void double_fulfilment_is_a_double_effect(void **state)
{
	struct oracle *oracle = open_oracle();
	struct finding *finding = NULL;

	(void)state;
	assert_int_equal(judge(oracle, naive, 2, "cwcwcw", &finding), ORACLE_ILLEGAL);
	assert_non_null(finding);
	assert_string_equal(finding->kind, "serializability");
	assert_string_equal(finding->class, "double effect");
	assert_string_equal(finding->subject, "shipments");
	assert_string_equal(finding->message,
		"double effect: shipments has 2 rows with order_id 1 where every serial order gives 1: charge and webhook both "
		"read orders before either wrote it (SELECT status = 'pending' FROM orders WHERE id = ?1 / "
		"UPDATE orders SET status = ? WHERE id = ?)");
	assert_int_equal(finding->nplaces, 4);
	finding_close(finding);
	oracle_close(oracle);
}

static void serial_orders_are_legal(void **state)
{
	struct oracle *oracle = open_oracle();

	(void)state;
	assert_int_equal(learn(oracle, naive, 2), 4);
	assert_int_equal(judge(oracle, naive, 2, "cccc", NULL), ORACLE_LEGAL);
	assert_int_equal(judge(oracle, naive, 2, "wwww", NULL), ORACLE_LEGAL);
	struct oracle_summary summary;
	oracle_summary(oracle, &summary);
	assert_int_equal(summary.units, 2);
	assert_int_equal(summary.references, 4);
	assert_int_equal(summary.overlapping_pairs, 0);
	assert_string_equal(summary.remarks[0],
		"not compared in full: shipments.token differs between two equal serial runs");
	assert_string_equal(summary.remarks[1],
		"not compared in full: shipments.at differs between two equal serial runs");
	assert_null(summary.remarks[2]);
	oracle_close(oracle);
}

static void without_references_it_is_unknown(void **state)
{
	struct oracle *oracle = open_oracle();
	struct shop *shop = malloc(sizeof *shop);

	(void)state;
	shop_open(shop, naive, 2, SETUP);
	assert_int_equal(oracle_judge(oracle, shop_run(shop, "cwcwcw"), NULL), ORACLE_UNKNOWN);
	shop_close(shop);
	free(shop);
	oracle_close(oracle);
}

/* A client that serial executions don't have, since how many there are depends on who runs when: they explain nothing. */
static void references_without_its_units_leave_it_open(void **state)
{
	struct oracle *oracle = open_oracle();
	struct shop *shop = malloc(sizeof *shop);
	enum oracle_verdict verdict;
	struct oracle_summary summary;

	(void)state;
	learn(oracle, naive, 2);
	shop_open(shop, naive, 3, SETUP);
	const struct observation *observation = shop_run(shop, "rcrcrc");
	while ((verdict = oracle_judge(oracle, observation, NULL)) == ORACLE_UNKNOWN)
		assert_int_not_equal(learn(oracle, naive, 2), 0);
	assert_int_equal(verdict, ORACLE_SUSPECT);
	oracle_summary(oracle, &summary);
	assert_string_equal(summary.remarks[summary.nremarks - 1], "a serial execution had other units than the execution "
		"that it should explain and is not taken for a reference");
	shop_close(shop);
	free(shop);
	oracle_close(oracle);
}

/* The update says whether it was the first. */
static bool guarded(struct shop *shop, int actor, int at)
{
	if (at == 0) {
		shop->seen[actor] = shop_write(shop, actor, "orders",
			"UPDATE orders SET status = ? WHERE id = ? AND status = ?",
			"UPDATE orders SET status = 'fulfilled' WHERE id = 1 AND status = 'pending'", 'u', 1);
		return true;
	}
	return shop->seen[actor] && at == 1 && insert_shipment(shop, actor);
}

static void a_guarded_update_is_legal_in_every_interleaving(void **state)
{
	static const char *const interleavings[] = {"cwcw", "cwwc", "ccww", "wccw", "wcwc", "wwcc"};
	struct oracle *oracle = open_oracle();

	(void)state;
	for (size_t i = 0; i < sizeof interleavings / sizeof *interleavings; i++)
		assert_int_equal(judge(oracle, guarded, 2, interleavings[i], NULL), ORACLE_LEGAL);
	oracle_close(oracle);
}

/* Reads a balance and writes back what it thinks is right. */
static bool withdraw(struct shop *shop, int actor, int at)
{
	char sql[128];

	if (at == 0) {
		shop->seen[actor] = shop_read(shop, actor, "accounts", "SELECT balance FROM accounts WHERE id = 1");
		return true;
	}
	if (at > 1)
		return false;
	snprintf(sql, sizeof sql, "UPDATE accounts SET balance = %d WHERE id = 1", (int)shop->seen[actor] - 10);
	shop_write(shop, actor, "accounts", "UPDATE accounts SET balance = ? WHERE id = ?", sql, 'u', 1);
	return true;
}

static void a_lost_update_is_named(void **state)
{
	struct oracle *oracle = open_oracle();
	struct finding *finding = NULL;

	(void)state;
	assert_int_equal(judge(oracle, withdraw, 2, "cwcw", &finding), ORACLE_ILLEGAL);
	assert_string_equal(finding->class, "lost update");
	assert_non_null(strstr(finding->message, "row 1 of accounts"));
	finding_close(finding);
	oracle_close(oracle);
}

/* Three of them: six orders may matter, and all are tried before anything is said. */
static void three_units_need_more_references(void **state)
{
	struct oracle *oracle = open_oracle();
	struct finding *finding = NULL;
	struct oracle_summary summary;

	(void)state;
	assert_int_equal(judge(oracle, withdraw, 3, "ccrrww", &finding), ORACLE_LEGAL);
	assert_int_equal(judge(oracle, withdraw, 3, "cwrcwr", &finding), ORACLE_ILLEGAL);
	oracle_summary(oracle, &summary);
	assert_true(summary.references >= 8);
	finding_close(finding);
	oracle_close(oracle);
}

/* Each takes from its own account if both together hold enough. */
static bool overdraw(struct shop *shop, int actor, int at)
{
	char sql[128];

	if (at == 0) {
		shop->seen[actor] = shop_read(shop, actor, "accounts", "SELECT sum(balance) FROM accounts");
		return true;
	}
	if (at > 1 || shop->seen[actor] < 150)
		return false;
	snprintf(sql, sizeof sql, "UPDATE accounts SET balance = balance - 100 WHERE id = %d", actor + 1);
	shop_write(shop, actor, "accounts", "UPDATE accounts SET balance = balance - ? WHERE id = ?", sql, 'u', actor + 1);
	return true;
}

static void write_skew_is_named(void **state)
{
	struct oracle *oracle = open_oracle();
	struct finding *finding = NULL;

	(void)state;
	assert_int_equal(judge(oracle, overdraw, 2, "cwcw", &finding), ORACLE_ILLEGAL);
	assert_string_equal(finding->class, "write skew");
	finding_close(finding);
	oracle_close(oracle);
}

/* The mail goes out before anybody knows whether the update will hold. */
static bool mail_first(struct shop *shop, int actor, int at)
{
	if (at == 0) {
		shop->seen[actor] = shop_number(shop, "SELECT status = 'pending' FROM orders WHERE id = 1");
		shop_read(shop, actor, "orders", "SELECT status FROM orders WHERE id = ?");
		return true;
	}
	if (!shop->seen[actor] || at > 2)
		return false;
	if (at == 1)
		story_effect(&shop->story, shop->tasks[actor], "mail", "order 1");
	else
		shop_write(shop, actor, "orders", "UPDATE orders SET status = ? WHERE id = ?",
			"UPDATE orders SET status = 'fulfilled' WHERE id = 1", 'u', 1);
	return true;
}

static void a_doubled_effect_leaves_a_perfect_database(void **state)
{
	struct oracle *oracle = open_oracle();
	struct finding *finding = NULL;

	(void)state;
	assert_int_equal(judge(oracle, mail_first, 2, "cwcwcw", &finding), ORACLE_ILLEGAL);
	assert_string_equal(finding->class, "double effect");
	assert_string_equal(finding->subject, "mail");
	assert_non_null(strstr(finding->message, "effect mail for order 1 happened 2 times where every serial order gives 1"));
	finding_close(finding);
	oracle_close(oracle);
}

/* The highest number plus one, in a column that is no key. */
static bool number(struct shop *shop, int actor, int at)
{
	char sql[128];

	if (at == 0)
		shop->seen[actor] = shop_read(shop, actor, "shipments", "SELECT coalesce(max(order_id), 6) FROM shipments");
	if (at == 1) {
		snprintf(sql, sizeof sql, "INSERT INTO shipments(order_id) VALUES(%d)", (int)shop->seen[actor] + 1);
		shop_write(shop, actor, "shipments", "INSERT INTO shipments(order_id) VALUES(?)", sql, 'i', 0);
	}
	return at < 2;
}

static void one_number_for_two_is_a_double_insert(void **state)
{
	struct oracle *oracle = open_oracle();
	struct finding *finding = NULL;

	(void)state;
	assert_int_equal(judge(oracle, number, 2, "cwcw", &finding), ORACLE_ILLEGAL);
	assert_string_equal(finding->class, "double insert");
	assert_non_null(strstr(finding->message, "shipments has 2 rows with order_id 7 where every serial order gives 1"));
	finding_close(finding);
	oracle_close(oracle);
}

/* charge moves money in two steps, webhook only looks. */
static bool audit(struct shop *shop, int actor, int at)
{
	if (actor == 0 && at < 2)
		shop_write(shop, actor, "accounts", "UPDATE accounts SET balance = balance + ? WHERE id = ?",
			at ? "UPDATE accounts SET balance = balance + 40 WHERE id = 2" :
			"UPDATE accounts SET balance = balance - 40 WHERE id = 1", 'u', at + 1);
	else if (at < 2)
		story_digest(&shop->story, (uint64_t)shop_read(shop, actor, "accounts",
			at ? "SELECT balance FROM accounts WHERE id = 2" : "SELECT balance FROM accounts WHERE id = 1"));
	return at < 2;
}

static void read_skew_counts_only_when_asked_for(void **state)
{
	struct oracle_options options = {.seed = 1, .serial = true, .reads = true};
	struct oracle *oracle = open_oracle(), *strict = oracle_open(&options);
	struct finding *finding = NULL;

	(void)state;
	assert_int_equal(judge(oracle, audit, 2, "cwwc", NULL), ORACLE_LEGAL);
	assert_int_equal(judge(strict, audit, 2, "ccww", NULL), ORACLE_LEGAL);
	assert_int_equal(judge(strict, audit, 2, "cwwc", &finding), ORACLE_ILLEGAL);
	assert_string_equal(finding->class, "read skew");
	finding_close(finding);
	oracle_close(oracle);
	oracle_close(strict);
}

static void nothing_is_judged_when_asked_not_to(void **state)
{
	struct oracle_options options = {.seed = 1, .serial = false};
	struct oracle *oracle = oracle_open(&options);

	(void)state;
	assert_int_equal(learn(oracle, naive, 2), 0);
	assert_int_equal(judge(oracle, naive, 2, "cwcwcw", NULL), ORACLE_LEGAL);
	oracle_close(oracle);
	oracle_close(NULL);
}

static void note(struct oracle *oracle, const char *interleaving, enum oracle_verdict verdict)
{
	struct shop *shop = malloc(sizeof *shop);

	shop_open(shop, naive, 2, SETUP);
	oracle_note(oracle, shop_run(shop, interleaving)->trace, verdict);
	shop_close(shop);
	free(shop);
}

/* Units and overlaps are those of exploring executions, judged or not; what is judged to confirm counts nothing. */
static void executions_are_counted_by_themselves(void **state)
{
	struct oracle *oracle = open_oracle();
	struct oracle_summary summary;

	(void)state;
	learn(oracle, naive, 2);
	judge(oracle, naive, 2, "cwcwcw", NULL);
	note(oracle, "ccccwwww", ORACLE_LEGAL);
	oracle_summary(oracle, &summary);
	assert_int_equal(summary.units, 2);
	assert_int_equal(summary.overlapping_pairs, 0);
	assert_int_equal(summary.suspects, 0);
	note(oracle, "cwcwcw", ORACLE_SUSPECT);
	oracle_summary(oracle, &summary);
	assert_int_equal(summary.overlapping_pairs, 1);
	assert_int_equal(summary.suspects, 1);
	oracle_close(oracle);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(double_fulfilment_is_a_double_effect),
		cmocka_unit_test(serial_orders_are_legal),
		cmocka_unit_test(without_references_it_is_unknown),
		cmocka_unit_test(references_without_its_units_leave_it_open),
		cmocka_unit_test(a_guarded_update_is_legal_in_every_interleaving),
		cmocka_unit_test(a_lost_update_is_named),
		cmocka_unit_test(three_units_need_more_references),
		cmocka_unit_test(write_skew_is_named),
		cmocka_unit_test(a_doubled_effect_leaves_a_perfect_database),
		cmocka_unit_test(one_number_for_two_is_a_double_insert),
		cmocka_unit_test(read_skew_counts_only_when_asked_for),
		cmocka_unit_test(nothing_is_judged_when_asked_not_to),
		cmocka_unit_test(executions_are_counted_by_themselves),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
