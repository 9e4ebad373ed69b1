/*
 * Two transfers at the same time, from account 1 to 2 and from 2 to 1, each in a thread. Who includes this defines how
 * one is made, and makes the accounts.
 */
#ifndef RACE_TESTS_TRANSFERS_H
#define RACE_TESTS_TRANSFERS_H

#include <pthread.h>
#include <stddef.h>

struct transfer {
	int from, to;
};

static void *move(void *transfer);
static void accounts_create(void);

int main(void)
{
	struct transfer transfers[] = {{1, 2}, {2, 1}};
	pthread_t threads[2];

	accounts_create();
	for (int i = 0; i < 2; i++)
		pthread_create(&threads[i], NULL, move, &transfers[i]);
	for (int i = 0; i < 2; i++)
		pthread_join(threads[i], NULL);
	return 0;
}

#endif
