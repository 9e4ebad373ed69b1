/*
 * Two withdrawals on Redis work by scripts: one script tells whether there is enough, and another takes it. Each is
 * atomic, both together are not.
 * database: redis
 * race: explore
 * expect: serializability within 10
 * class: lost update
 * message: both read amount before either wrote it (EVAL if tonumber(redis.call(?, KEYS[?])) >= tonumber(ARGV[?]) then
 */
#include "rd_shop.h"

static int script(redisContext *db, const char *text)
{
	redisReply *reply = redisCommand(db, "EVAL %s 1 amount %d", text, 60);

	if (!reply || reply->type == REDIS_REPLY_ERROR)
		exit(3);
	int value = (int)reply->integer;
	freeReplyObject(reply);
	return value;
}

static void handle(int number)
{
	redisContext *db = shop_open();

	(void)number;
#ifdef FIXED
	script(db, "if tonumber(redis.call('GET', KEYS[1])) >= tonumber(ARGV[1]) then "
		"return redis.call('DECRBY', KEYS[1], ARGV[1]) end return -1");
#else
	if (script(db, "if tonumber(redis.call('GET', KEYS[1])) >= tonumber(ARGV[1]) then return 1 end return 0"))
		script(db, "return redis.call('DECRBY', KEYS[1], ARGV[1])");
#endif
	redisFree(db);
}

#include "handlers.h"
