/* Small scenarios whose possible outcomes are known: outcomes N runs the nth and prints what happened in one line that
 * begins with "outcome". tests/outcomes.sh lists the outcomes of each and compares what the strategies reach.
 * race: explore --strategy dfs --bound none --max-executions 0
 * expect: clean
 * exhausted: yes
 */
#include <pthread.h>
#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER, other = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t condition = PTHREAD_COND_INITIALIZER;
static pthread_rwlock_t rwlock = PTHREAD_RWLOCK_INITIALIZER;
static pthread_barrier_t barrier;
static pthread_spinlock_t spinlock;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static sem_t semaphore;
static int value, ready, ends[2];
static char text[32];
static __thread char own;

static void note(char letter)
{
	size_t length = strlen(text);

	text[length] = letter;
	text[length + 1] = '\0';
}

static int read_value(void)
{
	pthread_mutex_lock(&mutex);
	int seen = value;
	pthread_mutex_unlock(&mutex);
	return seen;
}

static void write_value(int to)
{
	pthread_mutex_lock(&mutex);
	value = to;
	pthread_mutex_unlock(&mutex);
}

/* 0: a counter read and written in two critical sections */
static void *split(void *unused)
{
	write_value(read_value() + 1);
	return unused;
}

/* 1: in one */
static void *whole(void *unused)
{
	pthread_mutex_lock(&mutex);
	value++;
	pthread_mutex_unlock(&mutex);
	return unused;
}

/* 2, 3: who was first */
static void *sign(void *letter)
{
	pthread_mutex_lock(&mutex);
	note(*(char *)letter);
	pthread_mutex_unlock(&mutex);
	return NULL;
}

/* 4: trylock while the other may hold it */
static void *attempt(void *letter)
{
	if (pthread_mutex_trylock(&mutex) == 0) {
		pthread_mutex_lock(&other);
		note(*(char *)letter);
		pthread_mutex_unlock(&other);
		pthread_mutex_unlock(&mutex);
	}
	return NULL;
}

/* 5: a waiter with a predicate, and who wakes it */
static void *wait_ready(void *unused)
{
	pthread_mutex_lock(&mutex);
	while (!ready)
		pthread_cond_wait(&condition, &mutex);
	note('w');
	pthread_mutex_unlock(&mutex);
	return unused;
}

static void *make_ready(void *unused)
{
	pthread_mutex_lock(&mutex);
	ready = 1;
	note('s');
	pthread_cond_signal(&condition);
	pthread_mutex_unlock(&mutex);
	return unused;
}

/* 6: how many places are left when inside */
static void *enter(void *unused)
{
	int left;

	sem_wait(&semaphore);
	sem_getvalue(&semaphore, &left);
	note((char)('0' + left));
	sem_post(&semaphore);
	return unused;
}

/* 7: the serial thread of a barrier */
static void *meet(void *letter)
{
	if (pthread_barrier_wait(&barrier) == PTHREAD_BARRIER_SERIAL_THREAD)
		note(*(char *)letter);
	return NULL;
}

/* 8: a reader beside a writer of two values */
static void *write_pair(void *unused)
{
	pthread_rwlock_wrlock(&rwlock);
	value = 1;
	ready = 1;
	pthread_rwlock_unlock(&rwlock);
	return unused;
}

static void *read_pair(void *unused)
{
	pthread_rwlock_rdlock(&rwlock);
	note((char)('0' + value));
	note((char)('0' + ready));
	pthread_rwlock_unlock(&rwlock);
	return unused;
}

/* 9: who ran the once routine */
static void run_once(void)
{
	note(own);
}

static void *call_once_routine(void *letter)
{
	own = *(char *)letter;
	pthread_once(&once, run_once);
	return NULL;
}

/* 10: spin lock */
static void *sign_spinning(void *letter)
{
	pthread_spin_lock(&spinlock);
	note(*(char *)letter);
	pthread_spin_unlock(&spinlock);
	return NULL;
}

/* 11: a timed wait that may be signalled or time out */
static void *wait_timed(void *unused)
{
	struct timespec until;
	int error = 0;

	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += 1;
	pthread_mutex_lock(&mutex);
	while (!ready && error == 0)
		error = pthread_cond_timedwait(&condition, &mutex, &until);
	note(ready ? 'r' : 't');
	pthread_mutex_unlock(&mutex);
	return unused;
}

static void *make_ready_quietly(void *unused)
{
	pthread_mutex_lock(&mutex);
	ready = 1;
	pthread_cond_signal(&condition);
	pthread_mutex_unlock(&mutex);
	return unused;
}

/* 12: how much of two messages one read of a pipe takes */
static void *write_twice(void *unused)
{
	for (int i = 0; i < 2; i++)
		if (write(ends[1], "m", 1) != 1)
			abort();
	return unused;
}

static void *read_once(void *unused)
{
	char messages[2];

	note((char)('0' + read(ends[0], messages, sizeof messages)));
	return unused;
}

typedef void *routine(void *);

static void run(routine *first, routine *second, routine *third)
{
	routine *const routines[] = {first, second, third};
	static char letters[] = "ABC";
	pthread_t threads[3];

	for (int i = 0; i < 3; i++)
		if (routines[i])
			pthread_create(&threads[i], NULL, routines[i], &letters[i]);
	for (int i = 0; i < 3; i++)
		if (routines[i])
			pthread_join(threads[i], NULL);
}

static void run_scenario(int scenario)
{
	switch (scenario) {
	case 0: run(split, split, NULL); break;
	case 1: run(whole, whole, NULL); break;
	case 2: run(sign, sign, NULL); break;
	case 3: run(sign, sign, sign); break;
	case 4: run(attempt, attempt, NULL); break;
	case 5: run(wait_ready, make_ready, NULL); break;
	case 6: run(enter, enter, NULL); break;
	case 7: run(meet, meet, NULL); break;
	case 8: run(write_pair, read_pair, NULL); break;
	case 9: run(call_once_routine, call_once_routine, NULL); break;
	case 10: run(sign_spinning, sign_spinning, NULL); break;
	case 11: run(wait_timed, make_ready_quietly, NULL); break;
	default: run(write_twice, read_once, NULL); break;
	}
}

int main(int count, char **arguments)
{
	int scenario = count > 1 ? atoi(arguments[1]) : 0;

	if (scenario == 12 && pipe(ends) != 0)
		return 1;
	sem_init(&semaphore, 0, 2);
	pthread_barrier_init(&barrier, NULL, 2);
	pthread_spin_init(&spinlock, PTHREAD_PROCESS_PRIVATE);
	run_scenario(scenario);
	printf("outcome %d %s.\n", value, text);
	return 0;
}
