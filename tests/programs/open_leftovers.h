/*
 * Two handlers that leave their sessions open, each in the midst of a transaction on an order of its own: run by
 * tests/db/pooled_sessions.sh. The server undoes that; the next execution neither finds it nor waits for it. Included
 * behind pg_shop.h or my_shop.h; ORDER is how a statement of theirs names its parameter.
 */
static void *leave(void *argument)
{
	int order = *(int *)argument;
	__auto_type db = shop_open();

	shop_run(db, "BEGIN", 0);
	shop_run(db, "UPDATE orders SET amount = amount + 1 WHERE id = " ORDER, order);
	if (shop_number(db, "SELECT amount FROM orders WHERE id = " ORDER, order) != 101)
		exit(3);
	return NULL;
}

int main(void)
{
	static int orders[] = {1, 2};
	pthread_t threads[2];

	for (int i = 0; i < 2; i++)
		pthread_create(&threads[i], NULL, leave, &orders[i]);
	for (int i = 0; i < 2; i++)
		pthread_join(threads[i], NULL);
	return 0;
}
