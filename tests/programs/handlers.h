/*
 * A charge response and a webhook that arrive together: both call handle(1), in threads, or with SHOP_PROCESSES in
 * child processes. The end of the fulfilment programs, which define handle().
 */
#ifndef RACE_TESTS_HANDLERS_H
#define RACE_TESTS_HANDLERS_H

#include <sys/wait.h>

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

int main(void)
{
	shop_create();
	pid_t charge = start(1), webhook = start(1);
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

int main(void)
{
	pthread_t threads[2];
	int order = 1;

	shop_create();
	pthread_create(&threads[0], NULL, charge, &order);
	pthread_create(&threads[1], NULL, webhook, &order);
	pthread_join(threads[0], NULL);
	pthread_join(threads[1], NULL);
	return 0;
}

#endif

#endif
