/*
 * A payment on Redis is counted again when the reply was lost: INCRBY, twice.
 * database: redis
 * race: explore --max-executions 40
 * expect: clean
 *
 * race: explore --faults 1
 * expect: serializability within 10
 * message: the reply to INCRBY amount ? of
 */
#include "rd_shop.h"

/* 0: the connection was lost. */
static int pay(int order)
{
	redisContext *db = shop_open();
#ifdef FIXED
	redisReply *reply = redisCommand(db, "SET paid:%d 10", order);
#else
	redisReply *reply = redisCommand(db, "INCRBY amount 10");
#endif
	int done = reply != NULL;

	freeReplyObject(reply);
	redisFree(db);
	return done;
}

static void handle(int order)
{
	while (!pay(order))
		;
}

#define SHOP_SECOND 2
#include "handlers.h"
