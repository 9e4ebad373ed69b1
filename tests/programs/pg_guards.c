/*
 * Two withdrawals read an account and write back what is left of it, each statement a transaction by itself. Something
 * keeps them apart, as the argument says: an advisory lock, a row of a table of locks, a key of Redis, a lock that a
 * transaction on another connection holds for a moment longer, a message that the first has left for the second (`late`:
 * and of which it hears later than the second that it was left); or they read another account than they write, or look a
 * second time while they write. `none`: nothing does. Run by db/observed.sh.
 * database: postgresql, redis
 */
#define SHOP_TABLE "CREATE TABLE locks (name text PRIMARY KEY, owner integer); " \
	"CREATE TABLE jobs (id integer PRIMARY KEY, done integer); INSERT INTO locks VALUES ('held', 0)"
#define SHOP_ROWS "(1, 'pending', 100), (2, 'pending', 100), (3, 'pending', 90)"
#include "pg_shop.h"

#include <hiredis/hiredis.h>

struct hold {
	PGconn *other;
	redisContext *cache;
};

static const char *shop_way;
static int first_is_over(PGconn *db);

static int is(const char *way)
{
	return strcmp(shop_way, way) == 0;
}

static redisContext *cache_open(void)
{
	char socket[128] = "";
	int number;

	sscanf(getenv("CACHE_URL"), "redis:///%d?socket=%127s", &number, socket);
	return redisConnectUnix(socket);
}

static int cache_number(redisContext *cache, const char *command)
{
	redisReply *reply = redisCommand(cache, command);
	int got = reply->type != REDIS_REPLY_NIL;

	freeReplyObject(reply);
	return got;
}

static void take(struct hold *hold, PGconn *db)
{
	if (is("advisory"))
		PQclear(PQexec(db, "SELECT pg_advisory_lock(7)"));
	while (is("row") && shop_run(db, "INSERT INTO locks (name, owner) VALUES ('accounts', 1) ON CONFLICT DO NOTHING", 0) == 0)
		usleep(1000);
	if (is("redis"))
		for (hold->cache = cache_open(); !cache_number(hold->cache, "SET lock 1 NX PX 30000");)
			usleep(1000);
	if (is("moment")) {
		hold->other = shop_open();
		shop_run(hold->other, "BEGIN", 0);
		shop_run(hold->other, "UPDATE locks SET owner = 1 WHERE name = 'held'", 0);
	}
}

static void give_back(struct hold *hold, PGconn *db)
{
	if (is("advisory"))
		PQclear(PQexec(db, "SELECT pg_advisory_unlock(7)"));
	if (is("row"))
		shop_run(db, "DELETE FROM locks WHERE name = 'accounts'", 0);
	if (is("redis")) {
		cache_number(hold->cache, "DEL lock");
		redisFree(hold->cache);
	}
	if (is("moment")) {
		shop_run(hold->other, "COMMIT", 0);
		PQfinish(hold->other);
	}
}

static void withdraw(PGconn *db, int second)
{
	int amount = shop_number(db, "SELECT amount FROM orders WHERE id = $1", is("elsewhere") ? 2 + second : 1);

	if (is("later")) {
		shop_run(db, "BEGIN", 0);
		amount = shop_number(db, "SELECT amount FROM orders WHERE id = 1 FOR UPDATE", 0);
	}
	shop_run(db, amount == 100 ? "UPDATE orders SET amount = 90 WHERE id = $1" : "UPDATE orders SET amount = 80 WHERE id = $1", 1);
	if (is("later"))
		shop_run(db, "COMMIT", 0);
}

static void leave_message(PGconn *db)
{
	PQsendQuery(db, "INSERT INTO jobs (id, done) VALUES (1, 1)");
	if (is("late"))
		usleep(200000);
	for (PGresult *result; (result = PQgetResult(db)) != NULL;)
		PQclear(result);
}

static void handle(int number)
{
	int told = is("message") || is("late");
	PGconn *db = shop_open();
	struct hold hold = {0};

	while (told && number == 2 && !first_is_over(db))
		usleep(1000);
	take(&hold, db);
	withdraw(db, number - 1);
	if (told && number == 1)
		leave_message(db);
	give_back(&hold, db);
	PQfinish(db);
}

static int first_is_over(PGconn *db)
{
	return shop_number(db, "SELECT done FROM jobs WHERE id = 1", 0) == 1;
}

#define SHOP_SECOND 2
#include "handlers.h"
