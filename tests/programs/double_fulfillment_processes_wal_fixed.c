/*
 * Two handler processes, check inside the statement, in WAL mode.
 * race: explore --max-executions 1000
 * expect: clean
 * exhausted: yes
 */
#define SHOP_JOURNAL "WAL"
#include <sys/wait.h>

#include "shop.h"

static void ship(sqlite3 *db, int order)
{
	sqlite3_stmt *statement = shop_prepare(db, "INSERT INTO shipments (order_id) VALUES (?)");

	sqlite3_bind_int(statement, 1, order);
	shop_run(statement);
}

/* Check and change in one statement; the row count tells who won. */
static int claim(sqlite3 *db, int order)
{
	sqlite3_stmt *statement =
		shop_prepare(db, "UPDATE orders SET status = 'fulfilled' WHERE id = ? AND status = 'pending'");

	sqlite3_bind_int(statement, 1, order);
	shop_run(statement);
	return sqlite3_changes(db);
}

static void handle(int order)
{
	sqlite3 *db = shop_open();

	if (claim(db, order) == 1)
		ship(db, order);
	sqlite3_close(db);
}

static pid_t start(int order)
{
	pid_t child = fork();

	if (child == 0) {
		handle(order);
		exit(0);
	}
	return child;
}

int main(void)
{
	int order = 1;

	shop_create();
	pid_t charge = start(order), webhook = start(order);
	waitpid(charge, NULL, 0);
	waitpid(webhook, NULL, 0);
	return 0;
}
