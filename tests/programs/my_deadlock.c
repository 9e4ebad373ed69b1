/*
 * Two transfers lock two accounts in opposite order. MariaDB ends one of them (1213), which says that it has moved its
 * money all the same.
 * database: mariadb
 * race: explore --max-executions 60
 * expect: serializability within 10
 * class: lost work
 */
#include "my_shop.h"
#include "transfers.h"

static void *move(void *argument)
{
	struct transfer transfer = *(const struct transfer *)argument;
	int amount = 10;
	MYSQL *db = shop_open();

#ifdef FIXED
	if (transfer.from > transfer.to) {
		transfer = (struct transfer){transfer.to, transfer.from};
		amount = -amount;
	}
#endif
	/* the error is for the log, thinks who has written this */
	shop_try(db, "BEGIN", 0);
	shop_try(db, amount < 0 ? "UPDATE accounts SET amount = amount + 10 WHERE id = %d" :
		"UPDATE accounts SET amount = amount - 10 WHERE id = %d", transfer.from);
	shop_try(db, amount < 0 ? "UPDATE accounts SET amount = amount - 10 WHERE id = %d" :
		"UPDATE accounts SET amount = amount + 10 WHERE id = %d", transfer.to);
	shop_try(db, "COMMIT", 0);
	mysql_close(db);
	return "moved";
}

static void accounts_create(void)
{
	MYSQL *db = shop_open();

	shop_run(db, "CREATE TABLE accounts (id int PRIMARY KEY, amount int NOT NULL)", 0);
	shop_run(db, "INSERT INTO accounts VALUES (1, 100), (2, 100)", 0);
	mysql_close(db);
}
