/*
 * Several withdrawals (three, or as many as the argument says) from one order, each in a transaction and a thread of its
 * own: they queue for the row. Who includes this has included the server's shop, and says what it calls a session
 * (SESSION) and a parameter (PARAMETER).
 */
#ifndef RACE_TESTS_ROW_QUEUE_H
#define RACE_TESTS_ROW_QUEUE_H

enum { WITHDRAWALS = 3, MOST = 8 };

/* With the bug the amount is read before the row is locked. */
static void withdraw_from(SESSION *db)
{
	static const char select_sql[] = "SELECT amount FROM orders WHERE id = " PARAMETER;
	static const char lock_sql[] = "SELECT amount FROM orders WHERE id = " PARAMETER " FOR UPDATE";
	static const char update_sql[] = "UPDATE orders SET amount = " PARAMETER " WHERE id = 1";

	int amount = shop_number(db, select_sql, 1);
	shop_run(db, "BEGIN", 0);
	int locked = shop_number(db, lock_sql, 1);
#ifdef FIXED
	amount = locked;
#endif
	if (locked > 0)
		shop_run(db, update_sql, amount - 10);
	shop_run(db, "INSERT INTO shipments (order_id) VALUES (" PARAMETER ")", 1);
	shop_run(db, "COMMIT", 0);
}

static void *withdraw(void *unused)
{
	SESSION *db = shop_open();

	withdraw_from(db);
	shop_close(db);
	return NULL;
}

int main(int argc, char **argv)
{
	pthread_t threads[MOST];
	int n = argc > 1 ? atoi(argv[1]) : WITHDRAWALS;

	shop_create();
	for (int i = 0; i < n && i < MOST; i++)
		pthread_create(&threads[i], NULL, withdraw, NULL);
	for (int i = 0; i < n && i < MOST; i++)
		pthread_join(threads[i], NULL);
	return 0;
}

#endif
