/* Ten setters write one variable, then another; the checker reads them in that order too and misses the first write.
 * race: explore --max-executions 500
 * expect: assert within 200
 */
#include "threads.h"

enum { SETTERS = 10 };

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int request, answer;

static void variable_set(int *variable, int value)
{
	pthread_mutex_lock(&lock);
	*variable = value;
	pthread_mutex_unlock(&lock);
}

static int variable_get(int *variable)
{
	pthread_mutex_lock(&lock);
	int value = *variable;
	pthread_mutex_unlock(&lock);
	return value;
}

static void *set(void *unused)
{
	variable_set(&request, 1);
	variable_set(&answer, 1);
	return NULL;
}

static void *check(void *unused)
{
#ifdef FIXED
	int answered = variable_get(&answer);
	int requested = variable_get(&request);
#else
	int requested = variable_get(&request);
	int answered = variable_get(&answer);
#endif
	assert(requested || !answered);
	return NULL;
}

int main(void)
{
	pthread_t setters[SETTERS];
	for (int i = 0; i < SETTERS; i++)
		setters[i] = start(set, NULL);
	pthread_t checker = start(check, NULL);
	for (int i = 0; i < SETTERS; i++)
		finish(setters[i]);
	finish(checker);
	return 0;
}
