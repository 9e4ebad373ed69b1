/*
 * Two handlers with connections from a pool take an amount from some orders, and tell of all orders as a query without
 * ORDER BY lists them: in whatever order the server likes, which is nobody's fault. It is one that both read an amount
 * before either wrote it. What they tell is an effect, or, with the argument `replies`, what a client gets for its request.
 * With the argument `existing` there are orders already; with `connecting` each handler has a connection of its own.
 * database: postgresql
 * race: explore
 * expect: serializability within 10
 * class: lost update
 * race: explore -- replies
 * expect: serializability within 10
 * class: lost update
 * race: explore -- connecting
 * expect: serializability within 10
 * class: lost update
 */
#include "http.h"
#include "pg_shop.h"
#include "shared/race.h"

static PGconn *pool[2];

static void list(PGconn *db, char *names, size_t nbytes)
{
	PGresult *result = shop_query(db, "SELECT status FROM orders", 0);
	size_t at = 0;

	names[0] = '\0';
	for (int i = 0; i < PQntuples(result) && at < nbytes; i++)
		at += (size_t)snprintf(names + at, nbytes - at, "%.7s ", PQgetvalue(result, i, 0));
	PQclear(result);
}

static void take(PGconn *db, int order)
{
#ifdef FIXED
	shop_run(db, "UPDATE orders SET amount = amount - 10 WHERE id = $1", order);
#else
	char sql[80];
	int amount = shop_number(db, "SELECT amount FROM orders WHERE id = $1", order);
	snprintf(sql, sizeof sql, "UPDATE orders SET amount = %d WHERE id = $1", amount - 10);
	shop_run(db, sql, order);
#endif
}

static void handle(PGconn *pooled, int step, char *names, size_t nbytes)
{
	PGconn *db = pooled ? pooled : shop_open();

	for (int order = 6; order <= 20; order += step)
		take(db, order);
	list(db, names, nbytes);
	if (!pooled)
		PQfinish(db);
}

static int http_handle(const char *method, const char *path, char *body, size_t nbytes)
{
	bool charges = strcmp(path, "/charge") == 0;

	assert(strcmp(method, "POST") == 0);
	handle(pool[charges], charges ? 6 : 9, body, nbytes);
	return 200;
}

static void *charge(void *replies)
{
	char names[256];

	if (replies) {
		http_post("/charge");
		return NULL;
	}
	handle(pool[0], 6, names, sizeof names);
	race_effect("charged", names);
	return NULL;
}

static void *webhook(void *replies)
{
	char names[256];

	if (replies) {
		http_post("/webhook");
		return NULL;
	}
	handle(pool[1], 9, names, sizeof names);
	race_effect("called", names);
	return NULL;
}

/* Names of letters only: what has a digit in it is no difference between two replies. */
static void fill(void)
{
	PGconn *db = shop_open();

	shop_run(db, "INSERT INTO orders SELECT i, rpad('order ' || chr(96 + i), 200), 100 FROM generate_series(2, 20) i", 0);
	PQfinish(db);
}

int main(int argc, char **argv)
{
	bool existing = argc > 1 && strcmp(argv[1], "existing") == 0;
	bool connecting = argc > 1 && strcmp(argv[1], "connecting") == 0;
	void *replies = argc > 1 && strcmp(argv[argc - 1], "replies") == 0 ? pool : NULL;

	if (!existing) {
		shop_create();
		fill();
	}
	for (int i = 0; i < 2 && !connecting; i++)
		pool[i] = shop_open();
	if (replies)
		http_start_threads();
	pthread_t first = start(charge, replies), second = start(webhook, replies);
	finish(first);
	finish(second);
	for (int i = 0; i < 2 && !connecting; i++)
		PQfinish(pool[i]);
	return 0;
}
