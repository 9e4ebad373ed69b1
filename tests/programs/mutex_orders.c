/* Two threads take one mutex k times each and note who had it: the order of critical sections is printed. Not a bug
 * but a ruler: tests/counts/mutex_orders.sh knows how many interleavings there are.
 * race: explore --strategy dfs --bound none --max-executions 0
 * expect: clean
 * exhausted: yes
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static int rounds = 1, length;
static char order[64];

static void *work(void *letter)
{
	for (int i = 0; i < rounds; i++) {
		pthread_mutex_lock(&mutex);
		order[length++] = *(const char *)letter;
		pthread_mutex_unlock(&mutex);
	}
	return NULL;
}

int main(int count, char **arguments)
{
	pthread_t threads[2];

	if (count > 1)
		rounds = atoi(arguments[1]);
	for (int i = 0; i < 2; i++)
		pthread_create(&threads[i], NULL, work, i == 0 ? "A" : "B");
	for (int i = 0; i < 2; i++)
		pthread_join(threads[i], NULL);
	puts(order);
	return 0;
}
