/* The double fulfilment on Redis, command by command; counts/statement_orders.sh counts. */
#include "rd_shop.h"

#include "orders.h"

static redisContext *sessions[2];

static void open_sessions(void)
{
	sessions[0] = shop_open();
	sessions[1] = shop_open();
}

static int is_pending(int who)
{
	return shop_run(sessions[who], "EXISTS done", 0) == 0;
}

static void set_fulfilled(int who)
{
	shop_run(sessions[who], "SET done 1", 0);
}

static void ship(int who)
{
	shop_run(sessions[who], "INCR shipments", 0);
}

static int count_shipments(void)
{
	return shop_run(sessions[0], "GET shipments", 0);
}
