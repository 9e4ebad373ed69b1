/*
 * A charge response and a webhook whose handlers find their connections open: main has opened them before its first
 * thread, as pools do. The end of programs that define POOLED (a connection), pooled_open(), pooled_close() and handle().
 * With the argument `existing` the tables are there already. Programs with several ways to do it find the one that their
 * argument names in shop_way.
 */
#ifndef RACE_TESTS_POOLED_H
#define RACE_TESTS_POOLED_H

static const char *shop_way __attribute__((unused));

struct request {
	POOLED *db;
	int order;
};

static void *charge(void *argument)
{
	const struct request *request = argument;

	handle(request->db, request->order);
	return NULL;
}

static void *webhook(void *argument)
{
	const struct request *request = argument;

	handle(request->db, request->order);
	return NULL;
}

int main(int argc, char **argv)
{
	pthread_t threads[2];

	shop_way = argc > 1 ? argv[1] : "";
	if (strcmp(shop_way, "existing") != 0)
		shop_create();
	struct request first = {pooled_open(), 1}, second = {pooled_open(), 1};
	pthread_create(&threads[0], NULL, charge, &first);
	pthread_create(&threads[1], NULL, webhook, &second);
	pthread_join(threads[0], NULL);
	pthread_join(threads[1], NULL);
	pooled_close(first.db);
	pooled_close(second.db);
	return 0;
}

#endif
