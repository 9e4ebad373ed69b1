/*
 * Prices are in PostgreSQL, and in a cache on Redis. Who finds none in the cache reads the price and puts it there; who
 * changes the price takes it out of the cache then. A price that was read before the change and put there after it stays.
 * database: postgresql, redis
 * race: explore -- delete
 * expect: serializability within 10
 * class: lost update
 *
 * To put the new price there instead does not help.
 * race: explore -- set
 * expect: serializability within 10
 * class: lost update
 */
#include "pg_shop.h"

#include <hiredis/hiredis.h>

static const char *shop_way;

static redisContext *cache_open(void)
{
	const char *url = getenv("CACHE_URL");
	char socket[128] = "";
	int number = 0;

	sscanf(url ? url : "", "redis:///%d?socket=%127s", &number, socket);
	redisContext *cache = redisConnectUnix(socket);
	if (!cache || cache->err)
		exit(3);
	freeReplyObject(redisCommand(cache, "SELECT %d", number));
	return cache;
}

/* True: it replied something. */
static int ask(redisContext *cache, const char *command)
{
	redisReply *reply = redisCommand(cache, command);
	int something = reply && reply->type != REDIS_REPLY_NIL && reply->type != REDIS_REPLY_ERROR;

	freeReplyObject(reply);
	return something;
}

static void put(redisContext *cache, int price)
{
	freeReplyObject(redisCommand(cache, "SET price %d", price));
}

/* With FIXED only if nobody has changed it since before it was read. */
static void look_up(PGconn *db, redisContext *cache)
{
#ifdef FIXED
	ask(cache, "WATCH changes");
#endif
	if (ask(cache, "GET price"))
		return;
	int price = shop_number(db, "SELECT amount FROM orders WHERE id = $1", 1);
#ifdef FIXED
	ask(cache, "MULTI");
#endif
	put(cache, price);
#ifdef FIXED
	ask(cache, "EXEC");
#endif
}

static void change(PGconn *db, redisContext *cache)
{
	shop_run(db, "UPDATE orders SET amount = 120 WHERE id = $1", 1);
#ifdef FIXED
	ask(cache, "MULTI");
	ask(cache, "INCR changes");
	ask(cache, "DEL price");
	ask(cache, "EXEC");
#else
	if (strcmp(shop_way, "set") == 0)
		put(cache, 120);
	else
		ask(cache, "DEL price");
#endif
}

static void handle(int number)
{
	PGconn *db = shop_open();
	redisContext *cache = cache_open();

	if (number == 1)
		look_up(db, cache);
	else
		change(db, cache);
	redisFree(cache);
	PQfinish(db);
}

#define SHOP_SECOND 2
#include "handlers.h"
