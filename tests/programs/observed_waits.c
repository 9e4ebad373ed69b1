/*
 * Waits of all kinds, each of which ends as time or another thread has it: what observe_replay.sh records and replays.
 * The argument says which: sleeps, queue or limits.
 */
#include <errno.h>
#include <poll.h>
#include <semaphore.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "threads.h"

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t filled = PTHREAD_COND_INITIALIZER, emptied = PTHREAD_COND_INITIALIZER;
static sem_t *tickets; /* on the heap: it has no name */
static int queue[2], nqueued, nlate, ready;

static void touch(void)
{
	pthread_mutex_lock(&mutex);
	pthread_mutex_unlock(&mutex);
}

static void *slow(void *unused)
{
	usleep(20000);
	touch();
	return unused;
}

static void *quick(void *unused)
{
	usleep(10000);
	touch();
	usleep(30000);
	touch();
	return unused;
}

static void put(int value)
{
	pthread_mutex_lock(&mutex);
	while (nqueued == 2)
		pthread_cond_wait(&emptied, &mutex);
	queue[nqueued++] = value;
	pthread_cond_signal(&filled);
	pthread_mutex_unlock(&mutex);
}

static void *produce(void *unused)
{
	for (int i = 1; i <= 10; i++)
		put(i);
	return unused;
}

static void *consume(void *unused)
{
	for (int value = 1; value != 0;) {
		pthread_mutex_lock(&mutex);
		while (nqueued == 0)
			pthread_cond_wait(&filled, &mutex);
		value = queue[--nqueued];
		pthread_cond_signal(&emptied);
		pthread_mutex_unlock(&mutex);
	}
	return unused;
}

static struct timespec after(int milliseconds)
{
	struct timespec time;

	clock_gettime(CLOCK_REALTIME, &time);
	time.tv_nsec += milliseconds * 1000000L;
	time.tv_sec += time.tv_nsec / 1000000000;
	time.tv_nsec %= 1000000000;
	return time;
}

static void *look(void *unused)
{
	pthread_mutex_lock(&mutex);
	for (int i = 0; i < 12 && !ready; i++) {
		struct timespec limit = after(3);
		nlate += pthread_cond_timedwait(&filled, &mutex, &limit) == ETIMEDOUT;
	}
	pthread_mutex_unlock(&mutex);
	return unused;
}

static void *draw(void *unused)
{
	for (int i = 0; i < 8; i++) {
		struct timespec limit = after(2);
		if (sem_timedwait(tickets, &limit) != 0)
			touch();
	}
	return unused;
}

static void *give(void *unused)
{
	poll(NULL, 0, 10);
	pthread_mutex_lock(&mutex);
	ready = 1;
	pthread_cond_broadcast(&filled);
	pthread_mutex_unlock(&mutex);
	sem_post(tickets);
	poll(NULL, 0, 3);
	touch();
	return unused;
}

static void run_queue(void)
{
	pthread_t first = start(produce, NULL), second = start(produce, NULL);
	pthread_t third = start(consume, NULL), fourth = start(consume, NULL);

	finish(first);
	finish(second);
	put(0);
	put(0);
	finish(third);
	finish(fourth);
}

static void run_limits(void)
{
	tickets = malloc(sizeof *tickets);
	sem_init(tickets, 0, 0);
	pthread_t first = start(look, NULL), second = start(draw, NULL), third = start(give, NULL);

	finish(first);
	finish(second);
	finish(third);
}

int main(int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "sleeps";

	if (strcmp(what, "queue") == 0) {
		run_queue();
	} else if (strcmp(what, "limits") == 0) {
		run_limits();
	} else {
		pthread_t first = start(slow, NULL), second = start(quick, NULL);
		finish(first);
		finish(second);
	}
	return 0;
}
