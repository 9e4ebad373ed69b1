/*
 * What two workers do on Redis as if it were repaired, each with something missing.
 * database: redis
 *
 * A lock by SETNX, which whoever does not get it takes away: nobody looks whose it is.
 * race: explore --no-minimize -- unowned
 * expect: serializability within 10
 * class: lost update
 * replays: 5
 *
 * The same by SET NX PX: whoever does not get it goes away, but gives back what it has not got. The other finds nothing
 * to give back, which is no refusal.
 * race: explore --no-minimize -- gives-back
 * expect: serializability within 10
 * replays: 5
 *
 * Scripts look and set, each for itself.
 * race: explore --no-minimize -- scripts
 * expect: serializability within 10
 * replays: 5
 *
 * So do MULTI and EXEC, without WATCH.
 * race: explore --no-minimize -- multi
 * expect: serializability within 10
 * class: lost update
 * replays: 5
 *
 * The key that says that it was done is looked for, then set.
 * race: explore --no-minimize -- check-set
 * expect: serializability within 10
 * replays: 5
 *
 * What is left is sold by one command, but whether it is enough was asked before.
 * race: explore --no-minimize -- stock
 * expect: serializability within 10
 * replays: 5
 *
 * One of the two withdraws all by one command, which leaves 0: a number, and not how many rows it changed.
 * race: explore --no-minimize -- all
 * expect: serializability within 10
 * class: lost update
 * replays: 5
 */
#define SHOP_SECOND 2
#include "rd_shop.h"

static const char *shop_way;

/* A script is one step, whatever it does. Its reply as a number. */
static inline int run_script(redisContext *db, const char *script, const char *key, const char *argument)
{
	redisReply *reply = redisCommand(db, "EVAL %s 1 %s %s", script, key, argument);

	if (!reply || reply->type != REDIS_REPLY_INTEGER)
		exit(3);
	int value = (int)reply->integer;
	freeReplyObject(reply);
	return value;
}

static void withdraw(redisContext *db)
{
	int amount = shop_run(db, "GET amount", 0);

	shop_run(db, "SET amount %d", amount - 10);
}

/* Sets what there is nothing of; has it? */
static inline int take_lock(redisContext *db, const char *token)
{
	redisReply *reply = redisCommand(db, "SET lock %s NX PX 600000", token);
	int taken = reply && reply->type != REDIS_REPLY_NIL;

	freeReplyObject(reply);
	return taken;
}

/* What the first command between MULTI and EXEC has answered, as a number; -1: EXEC has done nothing. */
static inline int run_exec(redisContext *db)
{
	redisReply *reply = redisCommand(db, "EXEC");
	int value = !reply || reply->type != REDIS_REPLY_ARRAY ? -1 : reply->element[0]->str ? atoi(reply->element[0]->str) : 0;

	freeReplyObject(reply);
	return value;
}

#ifdef FIXED

static const char release[] = "if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end return 0";

static void handle_back(redisContext *db, int number)
{
	if (!take_lock(db, number == 1 ? "1" : "2"))
		return;
	withdraw(db);
	run_script(db, release, "lock", number == 1 ? "1" : "2");
}

static void handle_scripts(redisContext *db)
{
	run_script(db, "if redis.call('EXISTS', KEYS[1]) == 1 then return 0 end redis.call('SET', KEYS[1], ARGV[1]) "
		"return redis.call('INCR', 'shipments')", "done", "1");
}

static void handle_multi(redisContext *db)
{
	int amount;

	do {
		shop_run(db, "WATCH amount", 0);
		amount = shop_run(db, "GET amount", 0);
		shop_run(db, "MULTI", 0);
		shop_run(db, "SET amount %d", amount - 10);
	} while (run_exec(db) == -1);
}

static void handle_lock(redisContext *db)
{
	char token[16];

	snprintf(token, sizeof token, "%d", shop_run(db, "CLIENT ID", 0));
	while (shop_run(db, "SETNX lock %d", atoi(token)) == 0)
		usleep(1000);
	withdraw(db);
	run_script(db, release, "lock", token);
	shop_run(db, "INCR withdrawals", 0);
}

static void handle_set(redisContext *db)
{
	if (shop_run(db, "SETNX done 1", 0) == 1)
		shop_run(db, "INCR shipments", 0);
}

static void handle_all(redisContext *db, int number)
{
	shop_run(db, "DECRBY amount %d", number == 2 ? 100 : 10);
}

static void handle_stock(redisContext *db)
{
	if (run_script(db, "if tonumber(redis.call('GET', KEYS[1])) < tonumber(ARGV[1]) then return 0 end "
		"redis.call('DECRBY', KEYS[1], ARGV[1]) return 1", "amount", "60") == 1)
		shop_run(db, "INCR shipments", 0);
}

#else

static void handle_back(redisContext *db, int number)
{
	if (take_lock(db, number == 1 ? "1" : "2"))
		withdraw(db);
	shop_run(db, "DEL lock", 0);
}

static void handle_scripts(redisContext *db)
{
	if (run_script(db, "return redis.call('EXISTS', KEYS[1])", "done", "1") == 0)
		run_script(db, "redis.call('SET', KEYS[1], ARGV[1]) return redis.call('INCR', 'shipments')", "done", "1");
}

static void handle_multi(redisContext *db)
{
	shop_run(db, "MULTI", 0);
	shop_run(db, "GET amount", 0);
	int amount = run_exec(db);
	shop_run(db, "MULTI", 0);
	shop_run(db, "SET amount %d", amount - 10);
	run_exec(db);
}

static void handle_lock(redisContext *db)
{
	while (shop_run(db, "SETNX lock 1", 0) == 0)
		shop_run(db, "DEL lock", 0);
	withdraw(db);
	shop_run(db, "DEL lock", 0);
	shop_run(db, "INCR withdrawals", 0);
}

static void handle_set(redisContext *db)
{
	if (shop_run(db, "EXISTS done", 0) == 1)
		return;
	shop_run(db, "SET done 1", 0);
	shop_run(db, "INCR shipments", 0);
}

static void handle_all(redisContext *db, int number)
{
	if (number == 2)
		shop_run(db, "DECRBY amount 100", 0);
	else
		withdraw(db);
}

static void handle_stock(redisContext *db)
{
	if (shop_run(db, "GET amount", 0) < 60)
		return;
	shop_run(db, "DECRBY amount 60", 0);
	shop_run(db, "INCR shipments", 0);
}

#endif

static void handle(int number)
{
	redisContext *db = shop_open();

	if (strcmp(shop_way, "gives-back") == 0)
		handle_back(db, number);
	else if (strcmp(shop_way, "scripts") == 0)
		handle_scripts(db);
	else if (strcmp(shop_way, "multi") == 0)
		handle_multi(db);
	else if (strcmp(shop_way, "check-set") == 0)
		handle_set(db);
	else if (strcmp(shop_way, "stock") == 0)
		handle_stock(db);
	else if (strcmp(shop_way, "all") == 0)
		handle_all(db, number);
	else
		handle_lock(db);
	redisFree(db);
}

#include "handlers.h"
