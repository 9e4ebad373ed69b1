/*
 * Two withdrawals on Redis GET the amount, and each SETs what is left of what it has read.
 * database: redis
 * race: explore
 * expect: serializability within 10
 * class: lost update
 */
#include "rd_shop.h"

static void handle(int number)
{
	redisContext *db = shop_open();

#ifdef FIXED
	int done = 0;
	while (!done) {
		shop_run(db, "WATCH amount", 0);
		int amount = shop_run(db, "GET amount", 0);
		shop_run(db, "MULTI", 0);
		shop_run(db, "SET amount %d", amount - 10);
		done = shop_run(db, "EXEC", 0) != -1;
	}
#else
	int amount = shop_run(db, "GET amount", 0);
	shop_run(db, "SET amount %d", amount - 10);
#endif
	redisFree(db);
}

#include "handlers.h"
