/* A reload empties the table and fills it under separate write locks: a request in between finds no route.
 * race: explore --max-executions 200
 * expect: exit within 50
 */
#include "threads.h"

static pthread_rwlock_t lock = PTHREAD_RWLOCK_INITIALIZER;
static int nroutes = 3;

static void table_set(int n)
{
	pthread_rwlock_wrlock(&lock);
	nroutes = n;
	pthread_rwlock_unlock(&lock);
}

static void *reload(void *unused)
{
#ifndef FIXED
	table_set(0);
#endif
	table_set(5);
	return NULL;
}

static void *request(void *unused)
{
	pthread_rwlock_rdlock(&lock);
	bool found = nroutes > 0;
	pthread_rwlock_unlock(&lock);
	return (void *)(intptr_t)found;
}

int main(void)
{
	void *found[3];
	pthread_t reloading = start(reload, NULL);
	pthread_t requests[3];
	for (int i = 0; i < 3; i++)
		requests[i] = start(request, NULL);
	finish(reloading);
	for (int i = 0; i < 3; i++)
		pthread_join(requests[i], &found[i]);
	return found[0] && found[1] && found[2] ? 0 : 7;
}
