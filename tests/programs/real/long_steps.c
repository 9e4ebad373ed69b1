/* Much is computed between any two steps, so that a depth-first search goes on from checkpoints: long_steps WHAT. What
 * each execution prints depends on all its choices.
 *     plain       three threads and a lock
 *     wait        waits for a condition with a deadline, and a signal for one of two waiters
 *     late        each maps memory before its last step: from there on nothing can be kept
 *     tell        each prints before its last step
 *     mask        each blocks a signal of its own for a while
 */
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

enum { THREADS = 3, WORK = 40000, PAGE_BYTES = 4096 };

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static const char *what;
static unsigned long history = 1;
static int nwaiting;
static __thread unsigned long own;

/* The stack, thread-local memory and the heap all take part. */
static void compute(long number)
{
	unsigned long state = own + (unsigned long)number;
	unsigned long *kept = malloc(sizeof *kept);
	for (int i = 0; i < WORK; i++)
		state = state * 2862933555777941757UL + 3037000493UL;
	own = *kept = state;
	free(kept);
}

static void step(long number)
{
	compute(number);
	pthread_mutex_lock(&lock);
	history = history * 31 + own % 1000 + (unsigned long)number;
	pthread_mutex_unlock(&lock);
}

static void wait_for_one(long number)
{
	struct timespec deadline;
	clock_gettime(CLOCK_REALTIME, &deadline);
	deadline.tv_sec += 5;
	pthread_mutex_lock(&lock);
	if (nwaiting++ < 2)
		history = history * 31 + (unsigned long)pthread_cond_timedwait(&changed, &lock, &deadline) + (unsigned long)number;
	else
		pthread_cond_signal(&changed);
	pthread_mutex_unlock(&lock);
}

static void map(void)
{
	char *page = mmap(NULL, PAGE_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	history += (unsigned long)page[7]++;
}

static void block(long number, int how)
{
	sigset_t set;
	sigemptyset(&set);
	sigaddset(&set, SIGRTMIN + (int)number);
	pthread_sigmask(how, &set, NULL);
}

static void *run(void *argument)
{
	long number = (long)argument;
	if (strcmp(what, "mask") == 0)
		block(number, SIG_BLOCK);
	step(number);
	if (strcmp(what, "wait") == 0)
		wait_for_one(number);
	if (strcmp(what, "late") == 0)
		map();
	if (strcmp(what, "tell") == 0)
		printf("%ld after %lx\n", number, history);
	step(number);
	if (strcmp(what, "mask") == 0)
		block(number, SIG_UNBLOCK);
	return NULL;
}

int main(int argc, char **argv)
{
	pthread_t threads[THREADS];
	what = argc > 1 ? argv[1] : "plain";
	for (long i = 0; i < THREADS; i++)
		pthread_create(&threads[i], NULL, run, (void *)i);
	for (int i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	printf("%lx\n", history);
	return 0;
}
