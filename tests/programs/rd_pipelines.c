/*
 * Two withdrawals on Redis that send their commands down pipelines: one that looks at the amount and at the limit, and
 * one that sets what is left and notes who has had it.
 * database: redis
 * race: explore
 * expect: serializability within 10
 * message: both read amount before either wrote it (GET amount; GET limit / SET amount ?; APPEND log x)
 */
#include "rd_shop.h"

/* Two commands in one flush; the reply of the first as a number. */
static int both(redisContext *db, const char *first, const char *second)
{
	redisReply *replies[2];
	int value;

	redisAppendCommand(db, first);
	redisAppendCommand(db, second);
	for (int i = 0; i < 2; i++)
		if (redisGetReply(db, (void **)&replies[i]) != REDIS_OK || replies[i]->type == REDIS_REPLY_ERROR)
			exit(3);
	value = replies[0]->str ? atoi(replies[0]->str) : (int)replies[0]->integer;
	freeReplyObject(replies[0]);
	freeReplyObject(replies[1]);
	return value;
}

static void handle(int number)
{
	redisContext *db = shop_open();

	(void)number;
#ifdef FIXED
	both(db, "DECRBY amount 10", "APPEND log x");
#else
	char command[64];
	snprintf(command, sizeof command, "SET amount %d", both(db, "GET amount", "GET limit") - 10);
	both(db, command, "APPEND log x");
#endif
	redisFree(db);
}

#include "handlers.h"
