#include "fiber.h"

#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <sys/auxv.h>

#include "real.h"
#include "self.h"
#include "sys.h"

enum { MOST_READY = 64, HAS_FSGSBASE = 2 /* in AT_HWCAP2: user code may set FS */ };

void *(*fiber_entry)(void);

extern void fiber_switch(void **left, void *stack, uint64_t base, long has_instruction);
extern void fiber_park(void **left, uint32_t *gone);

/* Harvested and not yet used. */
static struct fiber ready[MOST_READY];
static uint32_t nready;
static size_t ready_stack_bytes; /* the program may change what is usual */

static uint64_t thread_pointer(void)
{
	uint64_t base;

	__asm__("movq %%fs:0, %0" : "=r"(base)); /* the block begins with its own address */
	return base;
}

static long has_instruction(void)
{
	static int known = -1;

	if (known < 0)
		known = (getauxval(AT_HWCAP2) & HAS_FSGSBASE) != 0;
	return known;
}

void fiber_adopt(struct fiber *fiber)
{
	fiber->base = thread_pointer();
	fiber->handle = pthread_self();
	fiber->tid = sys_gettid();
}

static void *start(void *argument)
{
	struct fiber *fiber = argument;

	fiber_adopt(fiber);
	fiber_park(&fiber->stack, &fiber->gone);
	return fiber_entry();
}

static void set_mask(uint64_t mask, uint64_t *before)
{
	sys_call(SYS_rt_sigprocmask, SIG_SETMASK, (long)&mask, (long)before, sizeof mask, 0, 0);
}

static int harvest(struct fiber *fiber, const void *attributes)
{
	unsigned long thread;
	uint64_t mask;

	fiber->gone = 1;
	set_mask(~0ULL, &mask); /* none may be delivered to a thread that is about to vanish */
	int error = real.thread_create(&thread, attributes, start, fiber);
	while (error == 0 && __atomic_load_n(&fiber->gone, __ATOMIC_ACQUIRE) != 0)
		sys_futex_wait(&fiber->gone, 1, -1);
	set_mask(mask, NULL);
	return error;
}

static size_t default_stack_bytes(void)
{
	pthread_attr_t plain;
	size_t nbytes = 0;

	if (pthread_attr_init(&plain) == 0) {
		pthread_attr_getstacksize(&plain, &nbytes);
		pthread_attr_destroy(&plain);
	}
	return nbytes;
}

void fiber_prepare(uint32_t n)
{
	ready_stack_bytes = default_stack_bytes();
	while (nready < n && nready < MOST_READY) {
		if (harvest(&ready[nready], NULL) != 0)
			return;
		nready++;
	}
}

/* Is it what a thread without attributes gets, but for its being detached? */
static bool is_plain(const pthread_attr_t *attributes)
{
	pthread_attr_t plain, copy = *attributes;

	if (pthread_attr_init(&plain) != 0)
		return false;
	pthread_attr_setdetachstate(&copy, PTHREAD_CREATE_JOINABLE);
	bool same = memcmp(&plain, &copy, sizeof plain) == 0;
	pthread_attr_destroy(&plain);
	return same;
}

static bool is_detached(const pthread_attr_t *attributes)
{
	int state;

	return pthread_attr_getdetachstate(attributes, &state) == 0 && state == PTHREAD_CREATE_DETACHED;
}

int fiber_new(struct fiber *fiber, const void *attributes)
{
	if (nready == 0 || (attributes && !is_plain(attributes)) || default_stack_bytes() != ready_stack_bytes)
		return harvest(fiber, attributes);
	*fiber = ready[--nready];
	if (attributes && is_detached(attributes))
		real.thread_detach(fiber->handle);
	return 0;
}

void fiber_forget(void)
{
	nready = 0;
}

void fiber_go(struct fiber *from, const struct fiber *to)
{
	fiber_switch(&from->stack, to->stack, to->base, has_instruction());
}
