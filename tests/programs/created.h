/*
 * A test of the two handlers that makes its own database and drops it, as test runners do. The end of programs that
 * define handle(), clean(), which empties its tables, and say(), which runs a statement in a session beside it. With the
 * argument "leave" it stays; with "clean" its tables are emptied; with "else" something is done beside it that would stay,
 * too, and with "other" another database is made.
 */
#ifndef RACE_TESTS_CREATED_H
#define RACE_TESTS_CREATED_H

static void *webhook(void *order)
{
	handle(*(int *)order);
	return NULL;
}

static void *charge(void *order)
{
	handle(*(int *)order);
	return NULL;
}

int main(int argc, char **argv)
{
	const char *way = argc > 1 ? argv[1] : "";
	pthread_t threads[2];
	int order = 1;

	say("DROP DATABASE IF EXISTS test_shop");
	say("CREATE DATABASE test_shop");
	if (strcmp(way, "else") == 0)
		say("CREATE TABLE stays (id int)");
	if (strcmp(way, "other") == 0)
		say("CREATE DATABASE other_shop");
	shop_create();
	pthread_create(&threads[0], NULL, webhook, &order);
	pthread_create(&threads[1], NULL, charge, &order);
	pthread_join(threads[0], NULL);
	pthread_join(threads[1], NULL);
	if (strcmp(way, "clean") == 0)
		clean();
	if (strcmp(way, "leave") != 0)
		say("DROP DATABASE test_shop");
	return 0;
}

#endif
