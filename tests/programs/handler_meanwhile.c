/* What happens while a handler runs in a thread that waits: others wake it, the handler waits itself, is interrupted,
 * jumps out or ends the thread. The wait goes on where it was.
 * race: explore --strategy random --max-executions 150 -- woken
 * expect: clean
 * race: explore --carrier thread --max-executions 60 -- woken
 * expect: clean
 * race: explore --strategy random --max-executions 150 -- passed
 * expect: clean
 * race: explore --carrier thread --max-executions 60 -- passed
 * expect: clean
 * race: explore --max-executions 60 -- first
 * expect: clean
 * race: explore --max-executions 60 -- expired
 * expect: clean
 * race: explore --strategy random --max-executions 60 -- nested
 * expect: clean
 * race: explore --carrier thread --max-executions 60 -- nested
 * expect: clean
 * race: explore --max-executions 60 -- masked
 * expect: clean
 * race: explore --carrier thread --max-executions 60 -- masked
 * expect: clean
 * race: explore --max-executions 60 -- jump
 * expect: clean
 * race: explore --carrier thread --strategy random --max-executions 60 -- jump
 * expect: clean
 * race: explore --max-executions 60 -- exit
 * expect: clean
 * race: explore --carrier thread --max-executions 60 -- exit
 * expect: clean
 * race: explore --strategy random --max-executions 60 -- once
 * expect: clean
 * race: explore --max-executions 60 -- altstack
 * expect: clean
 */
#include <errno.h>
#include <semaphore.h>
#include <setjmp.h>
#include <signal.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "threads.h"

static pthread_mutex_t monitor = PTHREAD_MUTEX_INITIALIZER, held = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static pthread_barrier_t meeting;
static sem_t ready, inside, leave, inner, over;
static int nhandled, ninner, ntold, nwoken;
static sigjmp_buf back;

static void let_in(int number)
{
	sigset_t set;
	sigemptyset(&set);
	sigaddset(&set, number);
	pthread_sigmask(SIG_UNBLOCK, &set, NULL);
}

static void post(sem_t *sem)
{
	int error = sem_post(sem);
	assert(error == 0);
}

static void await(sem_t *sem)
{
	while (sem_wait(sem) != 0)
		assert(errno == EINTR);
}

/* Others know when it is in here, and say when it may go on. */
static void handle_slowly(int number)
{
	(void)number;
	nhandled++;
	post(&inside);
	await(&leave);
}

static void handle(int number)
{
	(void)number;
	nhandled++;
	post(&inside);
}

static void handle_inner(int number)
{
	(void)number;
	ninner++;
	post(&inner);
}

static void set_handler(int number, void (*handler)(int), int flags)
{
	struct sigaction action = {.sa_handler = handler, .sa_flags = flags};
	sigaction(number, &action, NULL);
}

static void *wait_told(void *unused)
{
	let_in(SIGUSR1);
	pthread_mutex_lock(&monitor);
	post(&ready);
	pthread_cond_wait(&changed, &monitor);
	assert(ntold > 0); /* handlers don't wake it */
	nwoken++;
	pthread_mutex_unlock(&monitor);
	return unused;
}

static void tell(void)
{
	pthread_mutex_lock(&monitor);
	ntold++;
	pthread_cond_signal(&changed);
	pthread_mutex_unlock(&monitor);
}

/* It waits: whoever holds the monitor now finds it there. */
static void until_waiting(void)
{
	await(&ready);
	pthread_mutex_lock(&monitor);
	pthread_mutex_unlock(&monitor);
}

/* Told in the middle of its handler. */
static void woken(void)
{
	set_handler(SIGUSR1, handle_slowly, 0);
	pthread_t thread = start(wait_told, NULL);
	until_waiting();
	pthread_kill(thread, SIGUSR1);
	await(&inside);
	tell();
	post(&leave);
	finish(thread);
	assert(nhandled == 1 && nwoken == 1);
}

/* Two wait, and both are told, one of them in its handler. */
static void first(void)
{
	set_handler(SIGUSR1, handle_slowly, 0);
	pthread_t one = start(wait_told, NULL);
	until_waiting();
	pthread_t two = start(wait_told, NULL);
	until_waiting();
	pthread_kill(one, SIGUSR1);
	await(&inside);
	tell();
	tell();
	finish(two);
	post(&leave);
	finish(one);
	assert(nwoken == 2);
}

static void *pass(void *unused)
{
	let_in(SIGUSR1);
	post(&ready);
	pthread_barrier_wait(&meeting);
	return unused;
}

/* The last one arrives while a handler runs in the first. */
static void passed(void)
{
	set_handler(SIGUSR1, handle_slowly, 0);
	pthread_t thread = start(pass, NULL);
	await(&ready);
	pthread_kill(thread, SIGUSR1);
	await(&inside);
	pthread_barrier_wait(&meeting);
	post(&leave);
	finish(thread);
}

/* Time passes meanwhile. */
static void *wait_shortly(void *unused)
{
	struct timespec time;
	let_in(SIGUSR1);
	clock_gettime(CLOCK_REALTIME, &time);
	time.tv_sec += 20;
	post(&ready);
	int error = pthread_mutex_timedlock(&held, &time);
	assert(error == ETIMEDOUT);
	assert(nhandled == 1);
	post(&over);
	return unused;
}

static void expired(void)
{
	set_handler(SIGUSR1, handle, 0);
	pthread_mutex_lock(&held);
	pthread_t thread = start(wait_shortly, NULL);
	await(&ready);
	pthread_kill(thread, SIGUSR1);
	await(&over);
	finish(thread);
	pthread_mutex_unlock(&held);
}

/* Waits for a lock in the handler. */
static void handle_locking(int number)
{
	(void)number;
	post(&inside);
	pthread_mutex_lock(&held);
	nhandled++;
	pthread_mutex_unlock(&held);
}

static void *wait_both(void *unused)
{
	let_in(SIGUSR2);
	return wait_told(unused);
}

/* Another signal's handler runs in the one that waits. */
static void nested(void)
{
	set_handler(SIGUSR1, handle_locking, 0);
	set_handler(SIGUSR2, handle_inner, 0);
	pthread_mutex_lock(&held);
	pthread_t thread = start(wait_both, NULL);
	until_waiting();
	pthread_kill(thread, SIGUSR1);
	await(&inside);
	pthread_kill(thread, SIGUSR2);
	await(&inner);
	tell();
	pthread_mutex_unlock(&held);
	finish(thread);
	assert(nhandled == 1 && ninner == 1 && nwoken == 1);
}

/* The same signal again waits until the handler that waits is over. */
static void masked(void)
{
	set_handler(SIGUSR1, handle_locking, 0);
	pthread_mutex_lock(&held);
	pthread_t thread = start(wait_told, NULL);
	until_waiting();
	pthread_kill(thread, SIGUSR1);
	await(&inside);
	pthread_kill(thread, SIGUSR1);
	assert(nhandled == 0 && sem_trywait(&inside) != 0);
	pthread_mutex_unlock(&held);
	await(&inside);
	tell();
	finish(thread);
	assert(nhandled == 2);
}

static void handle_jump(int number)
{
	(void)number;
	siglongjmp(back, 1);
}

static void *lock_or_jump(void *unused)
{
	let_in(SIGUSR1);
	if (sigsetjmp(back, 1) == 0) {
		post(&ready);
		pthread_mutex_lock(&held);
		assert(!"locked");
	}
	post(&over);
	return wait_told(unused);
}

/* Not for the lock any more, but where it jumped to; there a handler runs again. */
static void jump(void)
{
	set_handler(SIGUSR1, handle_jump, 0);
	pthread_mutex_lock(&held);
	pthread_t thread = start(lock_or_jump, NULL);
	await(&ready);
	pthread_kill(thread, SIGUSR1);
	await(&over);
	until_waiting();
	set_handler(SIGUSR1, handle, 0);
	pthread_kill(thread, SIGUSR1);
	await(&inside);
	pthread_mutex_unlock(&held);
	tell();
	finish(thread);
	assert(nhandled == 1 && nwoken == 1);
}

static void handle_exit(int number)
{
	(void)number;
	pthread_exit(&nhandled);
}

static void *lock_or_exit(void *unused)
{
	let_in(SIGUSR1);
	post(&ready);
	pthread_mutex_lock(&held);
	assert(!"locked");
	return unused;
}

static void end(void)
{
	void *value;
	set_handler(SIGUSR1, handle_exit, 0);
	pthread_mutex_lock(&held);
	pthread_t thread = start(lock_or_exit, NULL);
	await(&ready);
	pthread_kill(thread, SIGUSR1);
	pthread_join(thread, &value);
	assert(value == &nhandled);
	pthread_mutex_unlock(&held);
}

/* A handler for one time. */
static void once(void)
{
	struct sigaction now;
	set_handler(SIGUSR1, handle, SA_RESETHAND);
	pthread_t thread = start(wait_told, NULL);
	until_waiting();
	pthread_kill(thread, SIGUSR1);
	await(&inside);
	tell();
	finish(thread);
	sigaction(SIGUSR1, NULL, &now);
	assert(nhandled == 1 && now.sa_handler == SIG_DFL);
}

static void *wait_elsewhere(void *unused)
{
	static char bytes[65536];
	stack_t stack = {.ss_sp = bytes, .ss_size = sizeof(bytes)};
	sigaltstack(&stack, NULL);
	return wait_told(unused);
}

/* Told while its handler runs on a stack of its own. */
static void altstack(void)
{
	set_handler(SIGUSR1, handle_slowly, SA_ONSTACK);
	pthread_t thread = start(wait_elsewhere, NULL);
	until_waiting();
	pthread_kill(thread, SIGUSR1);
	await(&inside);
	tell();
	post(&leave);
	finish(thread);
	assert(nwoken == 1);
}

static const struct {
	const char *name;
	void (*run)(void);
} ways[] = {{"woken", woken}, {"first", first}, {"passed", passed}, {"expired", expired}, {"nested", nested},
	{"masked", masked}, {"jump", jump}, {"exit", end}, {"once", once}, {"altstack", altstack}};

int main(int argc, char **argv)
{
	sigset_t set;
	assert(argc == 2);
	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigaddset(&set, SIGUSR2);
	pthread_sigmask(SIG_BLOCK, &set, NULL);
	sem_init(&ready, 0, 0);
	sem_init(&inside, 0, 0);
	sem_init(&leave, 0, 0);
	sem_init(&inner, 0, 0);
	sem_init(&over, 0, 0);
	pthread_barrier_init(&meeting, NULL, 2);
	for (size_t i = 0; i < sizeof(ways) / sizeof(*ways); i++)
		if (strcmp(ways[i].name, argv[1]) == 0)
			ways[i].run();
	return 0;
}
