/* A thread that allows cancellation at any time only computes, in no call of any library: it is cancelled there.
 * race: explore --max-executions 8
 * expect: clean
 * race: explore --max-executions 4 --carrier thread
 * expect: clean
 */
#include "threads.h"

static void *spin(void *argument)
{
	volatile int *word = argument;

	pthread_setcanceltype(PTHREAD_CANCEL_ASYNCHRONOUS, NULL);
	while (*word == 0)
		;
	return argument;
}

int main(void)
{
	int word = 0;
	pthread_t thread = start(spin, &word);
	void *value;

	pthread_cancel(thread);
	pthread_join(thread, &value);
	assert(value == PTHREAD_CANCELED);
	return 0;
}
