/* A program that asks on which processors it runs does not notice that it is kept on one.
 * race: explore --max-executions 20
 * expect: clean
 */
#include "threads.h"

#include <errno.h>
#include <sched.h>
#include <sys/sysinfo.h>
#include <unistd.h>

static void *keep_to_last(void *wanted)
{
	cpu_set_t seen;

	assert(pthread_setaffinity_np(pthread_self(), sizeof(cpu_set_t), wanted) == 0);
	usleep(10);
	assert(pthread_getaffinity_np(pthread_self(), sizeof seen, &seen) == 0 && CPU_EQUAL(&seen, (cpu_set_t *)wanted));
	assert(sched_getaffinity(0, sizeof seen, &seen) == 0 && CPU_EQUAL(&seen, (cpu_set_t *)wanted));
	return NULL;
}

int main(void)
{
	cpu_set_t all, last, none, seen;
	int highest = 0;

	assert(sched_getaffinity(0, sizeof all, &all) == 0);
	printf("%d %d %ld\n", CPU_COUNT(&all), get_nprocs(), sysconf(_SC_NPROCESSORS_ONLN));
	for (int i = 0; i < CPU_SETSIZE; i++)
		if (CPU_ISSET(i, &all))
			highest = i;
	CPU_ZERO(&none);
	CPU_ZERO(&last);
	CPU_SET(highest, &last);
	assert(sched_setaffinity(0, sizeof none, &none) == -1 && errno == EINVAL);
	pthread_t thread = start(keep_to_last, &last);
	finish(thread);
	assert(sched_getaffinity(getpid(), sizeof seen, &seen) == 0 && CPU_EQUAL(&seen, &all));
	return 0;
}
