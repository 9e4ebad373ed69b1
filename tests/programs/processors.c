/* A program that asks on which processors it runs does not notice that it is kept on one.
 * race: explore --max-executions 20
 * expect: clean
 * race: explore --max-executions 5 --carrier thread
 * expect: clean
 */
#include "threads.h"

#include <errno.h>
#include <sched.h>
#include <sys/syscall.h>
#include <sys/sysinfo.h>
#include <unistd.h>

/* Wherever it is asked. */
static int processor(void)
{
	unsigned int named = 0, called = 0;

	assert(getcpu(&named, NULL) == 0 && syscall(SYS_getcpu, &called, NULL, NULL) == 0 && named == called);
	assert((int)named == sched_getcpu());
	return (int)named;
}

static void move_to(int wanted)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(wanted, &set);
	assert(sched_setaffinity(0, sizeof set, &set) == 0 && processor() == wanted);
}

static void *keep_to_last(void *wanted)
{
	cpu_set_t seen;

	assert(pthread_setaffinity_np(pthread_self(), sizeof(cpu_set_t), wanted) == 0);
	usleep(10);
	assert(pthread_getaffinity_np(pthread_self(), sizeof seen, &seen) == 0 && CPU_EQUAL(&seen, (cpu_set_t *)wanted));
	assert(sched_getaffinity(0, sizeof seen, &seen) == 0 && CPU_EQUAL(&seen, (cpu_set_t *)wanted));
	assert(CPU_ISSET(processor(), &seen));
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
	for (int i = 0; i < CPU_SETSIZE; i++)
		if (CPU_ISSET(i, &all))
			move_to(i);
	assert(sched_setaffinity(0, sizeof all, &all) == 0 && CPU_ISSET(processor(), &all));
	CPU_ZERO(&none);
	CPU_ZERO(&last);
	CPU_SET(highest, &last);
	assert(sched_setaffinity(0, sizeof none, &none) == -1 && errno == EINVAL);
	pthread_t thread = start(keep_to_last, &last);
	finish(thread);
	assert(sched_getaffinity(getpid(), sizeof seen, &seen) == 0 && CPU_EQUAL(&seen, &all));
	return 0;
}
