/*
 * The double fulfilment of orders.h on a server that answers in SQL. Who includes this has included the server's shop, and
 * says what it calls a session (SESSION) and a parameter (PARAMETER).
 */
#ifndef RACE_TESTS_SQL_ORDERS_H
#define RACE_TESTS_SQL_ORDERS_H

#include "orders.h"

static SESSION *sessions[2];

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
	shop_run(sessions[who], "UPDATE orders SET status = 'fulfilled' WHERE id = " PARAMETER, 1);
}

static void ship(int who)
{
	shop_run(sessions[who], "INSERT INTO shipments (order_id) VALUES (" PARAMETER ")", 1);
}

static int count_shipments(void)
{
	return shop_number(sessions[0], "SELECT COUNT(*) FROM shipments", 0);
}

#endif
