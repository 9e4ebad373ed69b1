/*
 * A small shop on MariaDB: what the programs on that server have in common. SHOP_URL in the environment names the
 * database, as mysql:///NAME?socket=FILE&user=USER; each handler has a connection of its own, encrypted with SHOP_TLS.
 */
#ifndef RACE_TESTS_MY_SHOP_H
#define RACE_TESTS_MY_SHOP_H

#include <mariadb/mysql.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#ifndef SHOP_SCHEMA
#define SHOP_SCHEMA ""
#endif

static inline void shop_fail(MYSQL *db, const char *what)
{
	fprintf(stderr, "shop: %s: %s\n", what, mysql_error(db));
	exit(3);
}

static inline MYSQL *shop_open(void)
{
	char name[64] = "", socket[128] = "", user[64] = "";
	const char *url = getenv("SHOP_URL");
	MYSQL *db = mysql_init(NULL);

	sscanf(url ? url : "", "mysql:///%63[^?]?socket=%127[^&]&user=%63s", name, socket, user);
	mysql_options(db, MYSQL_OPT_SSL_ENFORCE, &(my_bool){getenv("SHOP_TLS") != NULL});
	if (!mysql_real_connect(db, "localhost", user, NULL, name, 0, socket, 0))
		shop_fail(db, "connect");
	return db;
}

/* Runs a statement with at most one number (%d) in it; the rows that it changed, -1: the server has refused it. */
static inline int shop_try(MYSQL *db, const char *format, int number)
{
	char sql[256];

	snprintf(sql, sizeof sql, format, number);
	if (mysql_query(db, sql))
		return -1;
	mysql_free_result(mysql_store_result(db));
	return (int)mysql_affected_rows(db);
}

static inline int shop_run(MYSQL *db, const char *format, int number)
{
	int changes = shop_try(db, format, number);

	if (changes < 0)
		shop_fail(db, format);
	return changes;
}

/* The first value of the first row as a number; -1: there is none. */
static inline int shop_number(MYSQL *db, const char *format, int number)
{
	char sql[256];

	snprintf(sql, sizeof sql, format, number);
	if (mysql_query(db, sql))
		shop_fail(db, sql);
	MYSQL_RES *result = mysql_store_result(db);
	MYSQL_ROW row = mysql_fetch_row(result);
	int value = row && row[0] ? atoi(row[0]) : -1;
	mysql_free_result(result);
	return value;
}

static inline int shop_is_pending(MYSQL *db, int order)
{
	return shop_number(db, "SELECT status = 'pending' FROM orders WHERE id = %d", order) == 1;
}

static inline void shop_create(void)
{
	MYSQL *db = shop_open();

	shop_run(db, "CREATE TABLE orders (id int PRIMARY KEY, status varchar(20) NOT NULL, amount int NOT NULL)", 0);
	shop_run(db, "CREATE TABLE shipments (id int AUTO_INCREMENT PRIMARY KEY, order_id int NOT NULL" SHOP_SCHEMA ")", 0);
#ifdef SHOP_TABLE
	shop_run(db, SHOP_TABLE, 0);
#endif
	shop_run(db, "INSERT INTO orders VALUES (1, 'pending', 100)", 0);
	mysql_close(db);
}

#endif
