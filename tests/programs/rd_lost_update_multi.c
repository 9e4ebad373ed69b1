/*
 * A fix that does not hold: the SET in MULTI and EXEC, but the amount was read before, and nobody watches it.
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
	shop_run(db, "DECRBY amount %d", 10);
#else
	int amount = shop_run(db, "GET amount", 0);
	shop_run(db, "MULTI", 0);
	shop_run(db, "SET amount %d", amount - 10);
	shop_run(db, "EXEC", 0);
#endif
	redisFree(db);
}

#include "handlers.h"
