/*
 * A shop for tests of the oracle: `charge` and `webhook` fulfil order 1 on a real SQLite database in the interleaving
 * that a test writes down, and a story is told of it. What they do, and how carefully, is the recipe.
 */
#ifndef RACE_TESTS_SHOP_H
#define RACE_TESTS_SHOP_H

#include <stdlib.h>
#include <unistd.h>

#include <sqlite3.h>

#include "explorer/observation.h"
#include "shared/plan.h"
#include "tests/unit/story.h"

enum { SHOP_ACTORS = 3 };

struct shop;

/* The next step of an actor; false when it has none left. `at` counts its steps from 0. */
typedef bool shop_recipe(struct shop *shop, int actor, int at);

struct shop {
	struct story story;
	char path[32];
	sqlite3 *db;
	shop_recipe *recipe;
	const char *names[SHOP_ACTORS];
	int nactors;
	uint16_t tasks[SHOP_ACTORS];
	int at[SHOP_ACTORS];
	bool ended[SHOP_ACTORS];
	int64_t seen[SHOP_ACTORS];   /* what the actor has read */
	int64_t result[SHOP_ACTORS]; /* what it returns */
	uint64_t seed;
	struct image *marked;
	struct observation observation;
};

static inline void shop_execute(struct shop *shop, const char *sql)
{
	char *message = NULL;

	if (sqlite3_exec(shop->db, sql, NULL, NULL, &message) != SQLITE_OK) {
		fprintf(stderr, "%s: %s\n", sql, message);
		abort();
	}
}

static inline int64_t shop_number(struct shop *shop, const char *sql)
{
	sqlite3_stmt *query;
	int64_t number = -1;

	sqlite3_prepare_v2(shop->db, sql, -1, &query, NULL);
	if (sqlite3_step(query) == SQLITE_ROW)
		number = sqlite3_column_int64(query, 0);
	sqlite3_finalize(query);
	return number;
}

/* A statement of the story, made up on first use. */
static inline uint32_t shop_statement(struct shop *shop, const char *text, uint8_t kind, const char *reads,
	const char *writes)
{
	for (uint32_t i = 1; i <= shop->story.trace.nstatements; i++)
		if (strcmp(shop->story.text + shop->story.statements[i].text, text) == 0)
			return i;
	return story_prepare(&shop->story, text, kind, reads, writes);
}

/* The actor reads one number. */
static inline int64_t shop_read(struct shop *shop, int actor, const char *table, const char *sql)
{
	story_statement(&shop->story, shop->tasks[actor], shop_statement(shop, sql, STATEMENT_READ, table, NULL), 0, 0);
	return shop_number(shop, sql);
}

/* The actor changes rows, committed at once; `row` is the one it changes (0: the one inserted). */
static inline int shop_write(struct shop *shop, int actor, const char *table, const char *text, const char *sql,
	char change, int64_t row)
{
	shop_execute(shop, sql);
	int changes = sqlite3_changes(shop->db);
	story_statement(&shop->story, shop->tasks[actor], shop_statement(shop, text, STATEMENT_WRITE, NULL, table),
		(uint32_t)changes, 0);
	if (changes)
		story_row(&shop->story, shop->tasks[actor], table, row ? row : sqlite3_last_insert_rowid(shop->db), change);
	return changes;
}

/* A statement of the actor is turned away: busy. */
static inline void shop_refuse(struct shop *shop, int actor, const char *table, const char *text)
{
	story_statement(&shop->story, shop->tasks[actor], shop_statement(shop, text, STATEMENT_WRITE, NULL, table), 0,
		SQLITE_BUSY);
}

static inline void shop_open(struct shop *shop, shop_recipe *recipe, int nactors, const char *setup)
{
	static const char *const names[SHOP_ACTORS] = {"charge", "webhook", "refund"};

	memset(shop, 0, sizeof *shop);
	shop->recipe = recipe;
	shop->nactors = nactors;
	story_begin(&shop->story);
	for (int i = 0; i < nactors; i++) {
		shop->names[i] = names[i];
		shop->tasks[i] = story_task(&shop->story, names[i], 1);
	}
	strcpy(shop->path, "/tmp/race_shop_XXXXXX");
	close(mkstemp(shop->path));
	if (sqlite3_open(shop->path, &shop->db) != SQLITE_OK)
		abort();
	shop_execute(shop, setup);
}

static inline void shop_act(struct shop *shop, int actor)
{
	if (shop->ended[actor])
		return;
	if (!shop->recipe(shop, actor, shop->at[actor]++)) {
		story_exit(&shop->story, shop->tasks[actor], shop->result[actor]);
		shop->ended[actor] = true;
	}
}

/* Lets actors act as the letters say ('c', 'w', 'r'), then each to its end. */
static inline const struct observation *shop_run(struct shop *shop, const char *interleaving)
{
	char reason[256];

	for (const char *letter = interleaving; *letter; letter++)
		for (int i = 0; i < shop->nactors; i++)
			if (shop->names[i][0] == *letter)
				shop_act(shop, i);
	for (int i = 0; i < shop->nactors; i++)
		while (!shop->ended[i])
			shop_act(shop, i);
	shop->observation.trace = story_end(&shop->story);
	shop->observation.images = calloc(1, sizeof *shop->observation.images);
	shop->observation.images[0] = sqlite_image(shop->path, "shop.db", reason, sizeof reason);
	shop->observation.nimages = 1;
	if (shop->marked) {
		shop->observation.marked = calloc(1, sizeof *shop->observation.marked);
		shop->observation.marked[0] = shop->marked;
		shop->observation.nmarked = 1;
	}
	return &shop->observation;
}

/* Runs a serial plan: its units in order, then the rest; takes the mark where the plan wants one. */
static inline const struct observation *shop_follow(struct shop *shop, const struct plan *plan)
{
	char reason[256];

	shop->seed = plan->seed;
	for (uint32_t i = 0; i < plan->norder; i++)
		for (int j = 0; j < shop->nactors; j++) {
			if (story_hash(shop->names[j]) != plan->order[i])
				continue;
			if (plan->flags & PLAN_MARK && plan->mark == i)
				shop->marked = sqlite_image(shop->path, "shop.db", reason, sizeof reason);
			while (!shop->ended[j])
				shop_act(shop, j);
		}
	return shop_run(shop, "");
}

static inline void shop_close(struct shop *shop)
{
	observation_close(&shop->observation);
	sqlite3_close(shop->db);
	unlink(shop->path);
}

#endif
