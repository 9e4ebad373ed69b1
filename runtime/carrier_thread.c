/* A task is a kernel thread, parked on its own futex while it does not have the turn. All are pinned to one CPU. */
#include "carrier.h"

#include "control.h"
#include "real.h"
#include "sys.h"

static void thread_prepare(void)
{
}

static int thread_create(unsigned long *thread, const void *attributes, void *(*routine)(void *), uint32_t task)
{
	return real.thread_create(thread, attributes, routine, (void *)(uintptr_t)task);
}

static int thread_join(unsigned long thread, uint32_t task, void **value)
{
	(void)task;
	return real.thread_join(thread, value);
}

static void thread_adopt(uint32_t task)
{
	(void)task;
}

static int thread_tid(uint32_t task)
{
	return control->world.tasks[task].tid;
}

static void thread_keep_altstack(void)
{
}

static void thread_give(uint32_t to)
{
	uint32_t *word = world_turn_word(&control->world, to);

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

/* The kernel thread runs out by itself, and the last one ends the process. */
static void thread_end(bool last)
{
	(void)last;
}

const struct carrier carrier_thread = {
	.name = "thread",
	.parallel = true,
	.prepare = thread_prepare,
	.create = thread_create,
	.join = thread_join,
	.adopt = thread_adopt,
	.tid = thread_tid,
	.keep_altstack = thread_keep_altstack,
	.transfer = thread_transfer,
	.give = thread_give,
	.await = thread_await,
	.end = thread_end,
};
