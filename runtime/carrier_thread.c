/* A task is a kernel thread, parked on its own futex while it does not have the turn. All are pinned to one CPU. */
#include "carrier.h"

#include "control.h"
#include "sys.h"

static void thread_give(uint32_t to)
{
	uint32_t *word = &control->world.tasks[to].turn;

	__atomic_store_n(word, 1, __ATOMIC_RELEASE);
	sys_futex_wake(word, 1);
}

static void thread_await(uint32_t task)
{
	uint32_t *word = &control->world.tasks[task].turn;

	while (__atomic_exchange_n(word, 0, __ATOMIC_ACQUIRE) == 0)
		sys_futex_wait(word, 0, -1);
}

static void thread_transfer(uint32_t from, uint32_t to)
{
	thread_give(to);
	thread_await(from);
}

const struct carrier carrier_thread = {
	.name = "thread",
	.transfer = thread_transfer,
	.give = thread_give,
	.await = thread_await,
};

const struct carrier *carrier_current(void)
{
	return &carrier_thread;
}
