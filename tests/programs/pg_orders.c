/* The double fulfilment on PostgreSQL, statement by statement; counts/statement_orders.sh counts. */
#include "pg_shop.h"

#include "orders.h"

static PGconn *sessions[2];

static void open_sessions(void)
{
	shop_create();
	sessions[0] = shop_open();
	sessions[1] = shop_open();
}

static int is_pending(int who)
{
	return shop_is_pending(sessions[who], 1);
}

static void set_fulfilled(int who)
{
	shop_run(sessions[who], "UPDATE orders SET status = 'fulfilled' WHERE id = $1", 1);
}

static void ship(int who)
{
	shop_run(sessions[who], "INSERT INTO shipments (order_id) VALUES ($1)", 1);
}

static int count_shipments(void)
{
	return shop_number(sessions[0], "SELECT count(*) FROM shipments", 0);
}
