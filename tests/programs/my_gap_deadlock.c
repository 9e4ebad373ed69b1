/*
 * Two transactions on MariaDB lock the row that they are about to insert. It is not there yet: both get the gap, in which
 * neither may insert then. One is ended (1213), and says that it has inserted its row.
 * database: mariadb
 * race: explore
 * expect: serializability within 10
 * class: lost work
 */
#include "my_shop.h"
#include "transfers.h"

static void *move(void *argument)
{
	const struct transfer *transfer = argument;
	MYSQL *db = shop_open();

	shop_try(db, "BEGIN", 0);
#ifndef FIXED
	shop_try(db, "SELECT amount FROM accounts WHERE id = %d FOR UPDATE", 10 * transfer->from);
#endif
	shop_try(db, "INSERT INTO accounts VALUES (%d, 100)", 10 * transfer->from);
	shop_try(db, "COMMIT", 0);
	mysql_close(db);
	return "inserted";
}

static void accounts_create(void)
{
	MYSQL *db = shop_open();

	shop_run(db, "CREATE TABLE accounts (id int PRIMARY KEY, amount int NOT NULL)", 0);
	shop_run(db, "INSERT INTO accounts VALUES (1, 100), (99, 100)", 0);
	mysql_close(db);
}
