/* A handler runs in a thread that waits where no signal ends the wait; then the thread waits on. Its signal is sent to
 * the process, to the thread or by a timer, and everybody else blocks it.
 * race: explore --max-executions 60 -- mutex kill
 * expect: clean
 * race: explore --carrier thread --max-executions 60 -- mutex thread
 * expect: clean
 * race: explore --reuse fork --max-executions 60 -- mutex timer
 * expect: clean
 * race: explore --carrier thread --max-executions 60 -- timedlock kill
 * expect: clean
 * race: explore --strategy random --max-executions 60 -- timedlock thread
 * expect: clean
 * race: explore --strategy random --max-executions 60 -- join kill
 * expect: clean
 * race: explore --reuse exec --max-executions 30 -- join thread
 * expect: clean
 * race: explore --carrier thread --reuse fork --max-executions 60 -- join timer
 * expect: clean
 * race: explore --max-executions 60 -- cond kill
 * expect: clean
 * race: explore --strategy random --max-executions 200 -- cond thread
 * expect: clean
 * race: explore --carrier thread --max-executions 60 -- cond timer
 * expect: clean
 * race: explore --strategy random --max-executions 60 -- timedwait kill
 * expect: clean
 * race: explore --carrier thread --strategy random --max-executions 60 -- timedwait thread
 * expect: clean
 * race: explore --max-executions 60 -- barrier kill
 * expect: clean
 * race: explore --carrier thread --strategy random --max-executions 60 -- barrier thread
 * expect: clean
 * race: explore --reuse fork --strategy random --max-executions 60 -- barrier timer
 * expect: clean
 * race: explore --max-executions 60 -- reader kill
 * expect: clean
 * race: explore --carrier thread --max-executions 60 -- writer thread
 * expect: clean
 * race: explore --reuse exec --max-executions 30 -- sigwait kill
 * expect: clean
 * race: explore --carrier thread --max-executions 60 -- sigwait thread
 * expect: clean
 * race: explore --max-executions 60 -- sigwaitinfo thread
 * expect: clean
 * race: explore --max-executions 60 -- spin thread
 * expect: clean
 * race: explore --carrier thread --max-executions 60 -- once kill
 * expect: clean
 */
#include <errno.h>
#include <semaphore.h>
#include <signal.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "threads.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER, monitor = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static pthread_rwlock_t table = PTHREAD_RWLOCK_INITIALIZER;
static pthread_barrier_t meeting;
static pthread_spinlock_t spin;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static sem_t handled, begun, until;
static volatile sig_atomic_t nhandled;
static pthread_t waiting, other;
static bool go;

static void handle(int number)
{
	(void)number;
	assert(pthread_equal(pthread_self(), waiting));
	nhandled++;
	errno = EBADF;
	sem_post(&handled);
}

static void initialise(void)
{
	sem_post(&begun);
	sem_wait(&until);
}

static void *begin_once(void *unused)
{
	pthread_once(&once, initialise);
	return unused;
}

static void *sleep_on(void *unused)
{
	sem_wait(&until);
	return unused;
}

static struct timespec soon(void)
{
	struct timespec time;
	clock_gettime(CLOCK_REALTIME, &time);
	time.tv_sec += 3600;
	return time;
}

static void use_mutex(void)
{
	int error = pthread_mutex_lock(&lock);
	assert(error == 0);
	pthread_mutex_unlock(&lock);
}

static void use_timedlock(void)
{
	struct timespec time = soon();
	int error = pthread_mutex_timedlock(&lock, &time);
	assert(error == 0);
	pthread_mutex_unlock(&lock);
}

static void use_join(void)
{
	finish(other);
}

/* Handlers don't wake it: it has been told when it comes back, unless it was told before it came. */
static void use_cond(void)
{
	pthread_mutex_lock(&monitor);
	if (!go)
		pthread_cond_wait(&changed, &monitor);
	assert(go);
	pthread_mutex_unlock(&monitor);
}

/* Neither does time, while others can go. */
static void use_timedwait(void)
{
	struct timespec time = soon();
	pthread_mutex_lock(&monitor);
	int error = go ? 0 : pthread_cond_timedwait(&changed, &monitor, &time);
	assert(error == 0 && go);
	pthread_mutex_unlock(&monitor);
}

static void use_barrier(void)
{
	pthread_barrier_wait(&meeting);
}

static void use_reader(void)
{
	pthread_rwlock_rdlock(&table);
	pthread_rwlock_unlock(&table);
}

static void use_writer(void)
{
	pthread_rwlock_wrlock(&table);
	pthread_rwlock_unlock(&table);
}

static sigset_t set_of(int number)
{
	sigset_t set;
	sigemptyset(&set);
	sigaddset(&set, number);
	return set;
}

static void use_sigwait(void)
{
	sigset_t set = set_of(SIGUSR2);
	int number;
	sigwait(&set, &number);
	assert(number == SIGUSR2);
}

/* The one kind that a handler ends. */
static void use_sigwaitinfo(void)
{
	sigset_t set = set_of(SIGUSR2);
	while (sigwaitinfo(&set, NULL) != SIGUSR2)
		assert(errno == EINTR);
}

static void use_spin(void)
{
	pthread_spin_lock(&spin);
	pthread_spin_unlock(&spin);
}

static void use_once(void)
{
	pthread_once(&once, initialise);
}

static const struct way {
	const char *name;
	void (*use)(void);
} ways[] = {{"mutex", use_mutex}, {"timedlock", use_timedlock}, {"join", use_join}, {"cond", use_cond},
	{"timedwait", use_timedwait}, {"barrier", use_barrier}, {"reader", use_reader}, {"writer", use_writer},
	{"sigwait", use_sigwait}, {"sigwaitinfo", use_sigwaitinfo}, {"spin", use_spin}, {"once", use_once}};

static void mask(int how, int number)
{
	sigset_t set = set_of(number);
	pthread_sigmask(how, &set, NULL);
}

static void *wait_for(void *argument)
{
	const struct way *way = argument;
	waiting = pthread_self();
	mask(SIG_UNBLOCK, SIGUSR1);
	errno = 0;
	sem_post(&begun);
	way->use();
	assert(errno == 0 || strcmp(way->name, "sigwaitinfo") == 0);
	return NULL;
}

static void send(const char *how)
{
	struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1};
	struct itimerspec span = {.it_value.tv_nsec = 1000000};
	timer_t timer;
	if (strcmp(how, "kill") == 0) {
		kill(getpid(), SIGUSR1);
	} else if (strcmp(how, "thread") == 0) {
		pthread_kill(waiting, SIGUSR1);
	} else {
		timer_create(CLOCK_MONOTONIC, &event, &timer);
		timer_settime(timer, 0, &span, NULL);
	}
}

static void take_all(void)
{
	pthread_mutex_lock(&lock);
	pthread_rwlock_wrlock(&table);
	pthread_spin_lock(&spin);
}

static void give_all(void)
{
	pthread_mutex_unlock(&lock);
	pthread_rwlock_unlock(&table);
	pthread_spin_unlock(&spin);
	sem_post(&until);
	pthread_mutex_lock(&monitor);
	go = true;
	pthread_cond_signal(&changed);
	pthread_mutex_unlock(&monitor);
}

static const struct way *find(const char *name)
{
	for (size_t i = 0; i < sizeof(ways) / sizeof(*ways); i++)
		if (strcmp(ways[i].name, name) == 0)
			return &ways[i];
	abort();
}

static void prepare(bool with_once)
{
	struct sigaction action = {.sa_handler = handle};
	sigaction(SIGUSR1, &action, NULL);
	mask(SIG_BLOCK, SIGUSR1);
	mask(SIG_BLOCK, SIGUSR2);
	sem_init(&handled, 0, 0);
	sem_init(&begun, 0, 0);
	sem_init(&until, 0, 0);
	pthread_barrier_init(&meeting, NULL, 2);
	pthread_spin_init(&spin, PTHREAD_PROCESS_PRIVATE);
	other = start(with_once ? begin_once : sleep_on, NULL);
	if (with_once)
		sem_wait(&begun);
}

int main(int argc, char **argv)
{
	assert(argc == 3);
	const struct way *way = find(argv[1]);
	prepare(way->use == use_once);
	take_all();
	pthread_t thread = start(wait_for, (void *)way);
	sem_wait(&begun);
	send(argv[2]);
	sem_wait(&handled);
	assert(nhandled == 1);
	give_all();
	if (way->use == use_barrier)
		pthread_barrier_wait(&meeting);
	if (way->use == use_sigwait || way->use == use_sigwaitinfo)
		pthread_kill(thread, SIGUSR2);
	finish(thread);
	if (way->use != use_join)
		finish(other);
	assert(nhandled == 1);
	return 0;
}
