/* A value is checked under the read lock and set under the write lock, unchecked: the last ticket is sold twice.
 * race: explore --max-executions 200
 * expect: assert within 20
 */
#include "threads.h"

static pthread_rwlock_t lock = PTHREAD_RWLOCK_INITIALIZER;
static int ntickets = 1, nsold;

static bool available(void)
{
	pthread_rwlock_rdlock(&lock);
	bool any = ntickets > 0;
	pthread_rwlock_unlock(&lock);
	return any;
}

static void *buy(void *unused)
{
	if (!available())
		return NULL;
	pthread_rwlock_wrlock(&lock);
#ifdef FIXED
	if (ntickets > 0)
#endif
	{
		ntickets--;
		nsold++;
	}
	pthread_rwlock_unlock(&lock);
	return NULL;
}

int main(void)
{
	run_two(buy, buy);
	assert(nsold == 1 && ntickets == 0);
	return 0;
}
