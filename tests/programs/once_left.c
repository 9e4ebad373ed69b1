/* A once routine that is left by cancellation counts as not run: the next who comes runs it.
 * race: explore --max-executions 200
 * expect: clean
 */
#include "threads.h"

#include <unistd.h>

static pthread_once_t once = PTHREAD_ONCE_INIT;
static int nbegun, nended;

static void prepare(void)
{
	nbegun++;
	usleep(1000);
	nended++;
}

static void *use(void *unused)
{
	pthread_once(&once, prepare);
	assert(nended == 1);
	return unused;
}

int main(void)
{
	pthread_t victim = start(use, NULL), other = start(use, NULL);
	void *value;

	pthread_cancel(victim);
	assert(pthread_join(victim, &value) == 0);
	finish(other);
	assert(nended == 1 && nbegun <= 2);
	assert(value == PTHREAD_CANCELED || nbegun == 1);
	return 0;
}
