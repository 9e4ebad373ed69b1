/*
 * A charge response and a webhook that arrive together: both call handle(1), in threads, or with SHOP_PROCESSES in
 * child processes. The end of the fulfilment programs, which define handle(). The second calls handle(SHOP_SECOND)
 * where that is defined. Programs with several ways to do it find the one that their argument names in shop_way.
 */
#ifndef RACE_TESTS_HANDLERS_H
#define RACE_TESTS_HANDLERS_H

#include <sys/wait.h>

#ifndef SHOP_SECOND
#define SHOP_SECOND 1
#endif

static const char *shop_way __attribute__((unused));

#ifdef SHOP_PROCESSES

static pid_t start(int order)
{
	pid_t child = fork();

	if (child == 0) {
		handle(order);
		exit(0);
	}
	return child;
}

int main(int argc, char **argv)
{
	shop_way = argc > 1 ? argv[1] : "";
	shop_create();
	pid_t charge = start(1), webhook = start(SHOP_SECOND);
	waitpid(charge, NULL, 0);
	waitpid(webhook, NULL, 0);
	return 0;
}

#else

static void *charge(void *order)
{
	handle(*(int *)order);
	return NULL;
}

static void *webhook(void *order)
{
	handle(*(int *)order);
	return NULL;
}

int main(int argc, char **argv)
{
	pthread_t threads[2];
	int first = 1, second = SHOP_SECOND;

	shop_way = argc > 1 ? argv[1] : "";
	shop_create();
	pthread_create(&threads[0], NULL, charge, &first);
	pthread_create(&threads[1], NULL, webhook, &second);
	pthread_join(threads[0], NULL);
	pthread_join(threads[1], NULL);
	return 0;
}

#endif

#endif
