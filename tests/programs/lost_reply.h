/*
 * Payments that are tried again when the connection was lost. Who includes this has included the server's shop, and says
 * what it calls a session (SESSION) and how one statement is tried (try_run): RUN_FINE, RUN_LOST, or RUN_KNOWN when the
 * row is there already. Without FIXED a COMMIT whose reply was lost is followed by a second payment.
 */
#ifndef RACE_TESTS_LOST_REPLY_H
#define RACE_TESTS_LOST_REPLY_H

static int pay(SESSION *db, int order)
{
	int outcome = try_run(db, "BEGIN", 0);
#ifdef FIXED
	if (outcome == RUN_FINE)
		outcome = try_run(db, "INSERT INTO paid VALUES (" PARAMETER ")", order);
#endif
	if (outcome == RUN_FINE)
		outcome = try_run(db, "INSERT INTO shipments (order_id) VALUES (" PARAMETER ")", order);
	return outcome == RUN_FINE ? try_run(db, "COMMIT", 0) : outcome;
}

static void handle(int order)
{
	int outcome;

	do {
		SESSION *db = shop_open();
		outcome = pay(db, order);
		shop_close(db);
	} while (outcome == RUN_LOST);
}

#ifndef SHOP_SECOND
#define SHOP_SECOND 2
#endif
#include "handlers.h"

#endif
