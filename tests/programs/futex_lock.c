/* A lock, a barrier and a requeue made of raw futexes: the value is compared under the turn, no wake-up gets lost.
 * race: explore --max-executions 200
 * expect: clean
 */
#include "threads.h"

#include <errno.h>
#include <limits.h>
#include <linux/futex.h>
#include <stdatomic.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum { THREADS = 3, ROUNDS = 2 };

static atomic_int lock, generation, gate;
static int narrived, counter, npassed;

static long futex(atomic_int *address, int operation, int value, const void *timeout, atomic_int *second, int value3)
{
	return syscall(SYS_futex, address, operation, value, timeout, second, value3);
}

/* Drepper, "Futexes are tricky", mutex 2: 0 free, 1 held, 2 held and waited for. */
static void take(void)
{
	int seen = 0;

	if (atomic_compare_exchange_strong(&lock, &seen, 1))
		return;
	if (seen != 2)
		seen = atomic_exchange(&lock, 2);
	while (seen != 0) {
		futex(&lock, FUTEX_WAIT_PRIVATE, 2, NULL, NULL, 0);
		seen = atomic_exchange(&lock, 2);
	}
}

static void give(void)
{
	if (atomic_fetch_sub(&lock, 1) != 1) {
		atomic_store(&lock, 0);
		futex(&lock, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
	}
}

static void meet(void)
{
	int seen = atomic_load(&generation);

	take();
	bool last = ++narrived == THREADS;
	if (last) {
		narrived = 0;
		atomic_fetch_add(&generation, 1);
	}
	give();
	if (last)
		futex(&generation, FUTEX_WAKE_BITSET, INT_MAX, NULL, NULL, 2);
	while (atomic_load(&generation) == seen)
		futex(&generation, FUTEX_WAIT_BITSET, seen, NULL, NULL, 3);
}

static void *work(void *unused)
{
	for (int i = 0; i < ROUNDS; i++) {
		take();
		int seen = counter;
		sched_yield();
		counter = seen + 1;
		give();
		meet();
	}
	return unused;
}

/* Waits at the gate, is moved on to another futex, and woken there. */
static void *pass_gate(void *unused)
{
	while (atomic_load(&gate) == 0)
		futex(&gate, FUTEX_WAIT, 0, NULL, NULL, 0);
	take();
	npassed++;
	give();
	return unused;
}

static void open_gate(void)
{
	atomic_int elsewhere = 0;
	pthread_t threads[2] = {start(pass_gate, NULL), start(pass_gate, NULL)};
	long moved = 0;

	assert(futex(&gate, FUTEX_CMP_REQUEUE, 0, (void *)1L, &elsewhere, 7) == -1 && errno == EAGAIN);
	moved = futex(&gate, FUTEX_CMP_REQUEUE, 0, (void *)(long)INT_MAX, &elsewhere, 0);
	assert(moved >= 0 && moved <= 2);
	atomic_store(&gate, 1);
	assert(futex(&elsewhere, FUTEX_WAKE, INT_MAX, NULL, NULL, 0) == moved);
	futex(&gate, FUTEX_WAKE, INT_MAX, NULL, NULL, 0);
	finish(threads[0]);
	finish(threads[1]);
	assert(npassed == 2);
}

int main(void)
{
	struct timespec span = {0, 1000000};
	atomic_int word = 5;

	run_many(THREADS, work);
	assert(counter == THREADS * ROUNDS);
	assert(futex(&word, FUTEX_WAIT, 4, NULL, NULL, 0) == -1 && errno == EAGAIN);
	assert(futex(&word, FUTEX_WAIT, 5, &span, NULL, 0) == -1 && errno == ETIMEDOUT);
	assert(futex(NULL, FUTEX_WAIT, 5, NULL, NULL, 0) == -1 && errno == EFAULT);
	assert(futex(&word, FUTEX_WAKE, 1, NULL, NULL, 0) == 0);
	open_gate();
	return 0;
}
