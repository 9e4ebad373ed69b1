/*
 * Asks an oracle about interleavings in the shop: runs the references it wants, then lets it judge.
 */
#ifndef RACE_TESTS_JUDGING_H
#define RACE_TESTS_JUDGING_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "explorer/oracle.h"
#include "tests/unit/shop.h"

#define SETUP "CREATE TABLE orders(id INTEGER PRIMARY KEY, status TEXT, version INTEGER DEFAULT 0);" \
	"CREATE TABLE shipments(id INTEGER PRIMARY KEY, order_id INTEGER, token TEXT, at INTEGER);" \
	"CREATE TABLE jobs(id INTEGER PRIMARY KEY, worker TEXT); INSERT INTO jobs(id) VALUES(1), (2), (3), (4);" \
	"CREATE TABLE payments(id INTEGER PRIMARY KEY); " \
	"CREATE TABLE accounts(id INTEGER PRIMARY KEY, balance INTEGER);" \
	"INSERT INTO orders(id, status) VALUES(1, 'pending'); INSERT INTO accounts VALUES(1, 100), (2, 100);"

static inline struct oracle *open_oracle(void)
{
	struct oracle_options options = {.seed = 1, .serial = true};

	return oracle_open(&options);
}

/* Runs the references that the oracle wants; returns how many. */
static inline int learn(struct oracle *oracle, shop_recipe *recipe, int nactors)
{
	struct plan_draft draft = {0};
	int n = 0;

	for (; oracle_next(oracle, &draft) == STRATEGY_READY; n++) {
		struct shop *shop = malloc(sizeof *shop);
		shop_open(shop, recipe, nactors, SETUP);
		assert_int_equal(draft.plan.chooser, CHOOSER_SERIAL);
		oracle_learn(oracle, shop_follow(shop, &draft.plan));
		shop_close(shop);
		free(shop);
		draft = (struct plan_draft){0};
	}
	return n;
}

/* Judges an interleaving, running references as long as they are wanted. */
static inline enum oracle_verdict judge(struct oracle *oracle, shop_recipe *recipe, int nactors, const char *interleaving,
	struct finding **finding)
{
	struct shop *shop = malloc(sizeof *shop);
	enum oracle_verdict verdict;

	learn(oracle, recipe, nactors);
	shop_open(shop, recipe, nactors, SETUP);
	shop->seed = 77;
	const struct observation *observation = shop_run(shop, interleaving);
	while ((verdict = oracle_judge(oracle, observation, finding)) == ORACLE_UNKNOWN)
		assert_int_not_equal(learn(oracle, recipe, nactors), 0);
	shop_close(shop);
	free(shop);
	return verdict;
}

#endif
