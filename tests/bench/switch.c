/* What it costs to hand on the turn: from one stack to another (runtime/fiber_switch.S), and from one kernel thread to
 * another by futexes, both on one processor. switch ROUNDS: prints nanoseconds of processor time for each.
 */
#include <linux/futex.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

extern void fiber_switch(void **left, void *stack, uint64_t base, long has_instruction);

static char other_stack[65536] __attribute__((aligned(16)));
static void *main_stack, *fiber_stack;
static uint64_t base;
static uint32_t words[2];
static long rounds;

static double used_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

static void fiber(void)
{
	for (;;)
		fiber_switch(&fiber_stack, main_stack, base, 1);
}

static double switches(void)
{
	uint64_t *at = (uint64_t *)(other_stack + sizeof other_stack);

	*--at = 0;
	*--at = (uint64_t)(uintptr_t)fiber;
	for (int i = 0; i < 6; i++)
		*--at = 0;
	*--at = 0x037f00001f80ULL;
	fiber_stack = at;
	base = (uint64_t)(uintptr_t)__builtin_thread_pointer();
	double begin = used_ns();
	for (long i = 0; i < rounds; i++)
		fiber_switch(&main_stack, fiber_stack, base, 1);
	return (used_ns() - begin) / (double)(2 * rounds);
}

static void hand_over(int me)
{
	for (long i = 0; i < rounds; i++) {
		while (__atomic_exchange_n(&words[me], 0, __ATOMIC_ACQUIRE) == 0)
			syscall(SYS_futex, &words[me], FUTEX_WAIT, 0, NULL, NULL, 0);
		__atomic_store_n(&words[!me], 1, __ATOMIC_RELEASE);
		syscall(SYS_futex, &words[!me], FUTEX_WAKE, 1, NULL, NULL, 0);
	}
}

static void *partner(void *argument)
{
	hand_over(1);
	return argument;
}

static double hand_overs(void)
{
	pthread_t thread;
	double begin = used_ns();

	words[0] = 1;
	pthread_create(&thread, NULL, partner, NULL);
	hand_over(0);
	pthread_join(thread, NULL);
	return (used_ns() - begin) / (double)(2 * rounds);
}

int main(int count, char **arguments)
{
	rounds = count > 1 ? atol(arguments[1]) : 100000;
	double fast = switches(), slow = hand_overs();
	printf("%.1f %.1f\n", fast, slow);
	return 0;
}
