/*
 * Two handler processes both fulfil a pending order, in WAL mode.
 * race: explore
 * expect: serializability within 5
 * class: double effect
 */
#define SHOP_JOURNAL "WAL"
#include <sys/wait.h>

#include "shop.h"

static void fulfill(sqlite3 *db, int order)
{
	sqlite3_stmt *statement = shop_prepare(db, "UPDATE orders SET status = ? WHERE id = ?");

	sqlite3_bind_text(statement, 1, "fulfilled", -1, SQLITE_STATIC);
	sqlite3_bind_int(statement, 2, order);
	shop_run(statement);
	statement = shop_prepare(db, "INSERT INTO shipments (order_id) VALUES (?)");
	sqlite3_bind_int(statement, 1, order);
	shop_run(statement);
}

static void handle(int order)
{
	sqlite3 *db = shop_open();

	if (shop_is_pending(db, order))
		fulfill(db, order);
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
