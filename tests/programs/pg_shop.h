/*
 * A small shop on PostgreSQL: what the fulfilment programs on a server have in common. SHOP_URL in the environment
 * names the database; each handler has a connection of its own.
 */
#ifndef RACE_TESTS_PG_SHOP_H
#define RACE_TESTS_PG_SHOP_H

#include <postgresql/libpq-fe.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#ifndef SHOP_SCHEMA
#define SHOP_SCHEMA ""
#endif

#ifndef SHOP_ROWS
#define SHOP_ROWS "(1, 'pending', 100)"
#endif

static inline void shop_fail(PGconn *db, const char *what)
{
	fprintf(stderr, "shop: %s: %s", what, PQerrorMessage(db));
	exit(3);
}

static inline PGconn *shop_open(void)
{
	const char *url = getenv("SHOP_URL");
	PGconn *db = PQconnectdb(url ? url : "");

	if (PQstatus(db) != CONNECTION_OK)
		shop_fail(db, "connect");
	return db;
}

/* Runs a statement with at most one number as its parameter; the result is to be cleared. */
static inline PGresult *shop_query(PGconn *db, const char *sql, int number)
{
	char text[16];
	const char *const values[] = {text};

	snprintf(text, sizeof text, "%d", number);
	PGresult *result = strchr(sql, '$') ? PQexecParams(db, sql, 1, NULL, values, NULL, NULL, 0) : PQexec(db, sql);
	if (PQresultStatus(result) != PGRES_TUPLES_OK && PQresultStatus(result) != PGRES_COMMAND_OK)
		shop_fail(db, sql);
	return result;
}

/* The same; the number of rows that it changed. */
static inline int shop_run(PGconn *db, const char *sql, int number)
{
	PGresult *result = shop_query(db, sql, number);
	int changes = atoi(PQcmdTuples(result));

	PQclear(result);
	return changes;
}

/* The first value of the first row as a number; -1: there is none. */
static inline int shop_number(PGconn *db, const char *sql, int number)
{
	PGresult *result = shop_query(db, sql, number);
	int value = PQntuples(result) > 0 && !PQgetisnull(result, 0, 0) ? atoi(PQgetvalue(result, 0, 0)) : -1;

	PQclear(result);
	return value;
}

static inline int shop_is_pending_by(PGconn *db, int order, const char *sql)
{
	PGresult *result = shop_query(db, sql, order);
	int pending = PQntuples(result) == 1 && strcmp(PQgetvalue(result, 0, 0), "pending") == 0;

	PQclear(result);
	return pending;
}

static inline int shop_is_pending(PGconn *db, int order)
{
	return shop_is_pending_by(db, order, "SELECT status FROM orders WHERE id = $1");
}

static inline void shop_create(void)
{
	PGconn *db = shop_open();

	shop_run(db, "CREATE TABLE orders (id integer PRIMARY KEY, status text NOT NULL, amount integer NOT NULL)", 0);
	shop_run(db, "CREATE TABLE shipments (id serial PRIMARY KEY, order_id integer NOT NULL" SHOP_SCHEMA ")", 0);
#ifdef SHOP_TABLE
	shop_run(db, SHOP_TABLE, 0);
#endif
	shop_run(db, "INSERT INTO orders VALUES " SHOP_ROWS, 0);
	PQfinish(db);
}

#endif
