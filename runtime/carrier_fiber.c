/*
 * All tasks of a process run on its one kernel thread, each as a fiber; the turn goes from one to the other by leaving
 * its stack. To another process it goes by that process's futex, on which its kernel thread sleeps while none of its
 * tasks has the turn.
 */
#include "carrier.h"

#include <signal.h>

#include "berth.h"
#include "control.h"
#include "fiber.h"
#include "real.h"
#include "self.h"
#include "signals.h"
#include "sys.h"
#include "task.h"

static uint32_t current;  /* whose fiber is running */
static uint32_t arrived;  /* has been given the turn by a switch, and does not know it yet */
static uint32_t next;     /* gets the turn as soon as the caller of give() has left its stack */

static bool masks_differ; /* tasks have blocked different signals */
static bool altstacks;    /* some thread has, or had, a stack for its signal handlers */

static bool is_here(uint32_t task)
{
	return control->world.tasks[task].process == control_process;
}

static void leave(struct carried *from)
{
	from->away = true;
	from->mask = signals_mask();
	if (altstacks)
		sys_call3(SYS_sigaltstack, 0, (long)&from->altstack, 0);
}

/* The kernel lets nobody change the signal stack who stands on it, so this comes after the switch. */
static void arrive(void)
{
	struct carried *to = &berths[current].carried;

	to->away = false;
	if (altstacks)
		sys_call3(SYS_sigaltstack, (long)&to->altstack, 0, 0);
	masks_differ |= signals_mask() != to->mask;
	signals_set_mask(to->mask);
}

static void *entry(void)
{
	arrive();
	return berths[current].carried.routine((void *)(uintptr_t)current);
}

static void go(uint32_t to)
{
	struct carried *from = &berths[current].carried;

	leave(from);
	current = arrived = to;
	fiber_go(&from->fiber, &berths[to].carried.fiber);
	arrived = 0;
	arrive();
}

static void ring(uint32_t to)
{
	uint32_t *word = world_turn_word(&control->world, to);

	__atomic_store_n(word, 1, __ATOMIC_RELEASE);
	sys_futex_wake(word, 1);
}

/* What every task of this process blocks. The others may have had it killed just now: the world says nothing of that. */
static uint64_t common_mask(void)
{
	uint64_t mask = signals_mask();

	for (uint32_t id = 1; masks_differ && id <= control->world.ntasks; id++)
		if (id != current && is_here(id) && berths[id].carried.away && !berths[id].carried.ended)
			mask &= berths[id].carried.mask;
	return mask;
}

/* Until this process is given the turn. A signal that ends it does so when any of its tasks lets it in. */
static void sleep_on(uint32_t *word)
{
	uint64_t mask = 0;

	if (masks_differ) {
		signals_mask_moved(); /* the C library changes it without a call that we see: siglongjmp */
		mask = signals_mask();
		signals_set_mask(common_mask());
	}
	while (__atomic_exchange_n(word, 0, __ATOMIC_ACQUIRE) == 0)
		sys_futex_wait(word, 0, -1);
	if (masks_differ)
		signals_set_mask(mask);
}

/* The task of this process that is given the turn next. */
static uint32_t await_any(void)
{
	uint32_t *word = &control->world.processes[control_process].turn, to = next;

	next = 0;
	while (to == 0 || !is_here(to)) {
		sleep_on(word);
		to = __atomic_load_n(&control->world.running, __ATOMIC_ACQUIRE);
	}
	return to;
}

static void fiber_await(uint32_t task)
{
	if (arrived != task) {
		uint32_t to = await_any();
		if (to != task)
			go(to);
	}
	arrived = 0;
}

static void fiber_give(uint32_t to)
{
	if (is_here(to))
		next = to;
	else
		ring(to);
}

static void fiber_transfer(uint32_t from, uint32_t to)
{
	if (is_here(to)) {
		go(to);
		return;
	}
	ring(to);
	fiber_await(from);
}

static void fiber_end(bool last)
{
	if (last)
		real.exit(0);
	berths[current].carried.ended = true;
	go(await_any());
}

static int fiber_create(unsigned long *thread, const void *attributes, void *(*routine)(void *), uint32_t task)
{
	struct carried *new = &berths[task].carried;

	fiber_entry = entry;
	int error = fiber_new(&new->fiber, attributes);
	if (error)
		return error;
	new->routine = routine;
	new->away = true;
	new->ended = false;
	new->mask = signals_mask();
	new->altstack = (stack_t){.ss_flags = SS_DISABLE};
	*thread = new->fiber.handle;
	return 0;
}

static int fiber_join(unsigned long thread, uint32_t task, void **value)
{
	(void)thread;
	if (value)
		*value = (void *)(uintptr_t)control->world.tasks[task].exit_value;
	return 0;
}

/* A task that was given a fiber finds itself there; any other is the one that has the kernel thread. */
static void fiber_carry(uint32_t task)
{
	if (current == task)
		return;
	if (current != 0)
		fiber_forget(); /* a forked child */
	fiber_adopt(&berths[task].carried.fiber);
	current = task;
	arrived = next = 0;
}

static int fiber_tid(uint32_t task)
{
	return berths[task].carried.fiber.tid;
}

static void fiber_keep_altstack(void)
{
	altstacks = true;
}

const struct carrier carrier_fiber = {
	.name = "fiber",
	.prepare = fiber_prepare,
	.create = fiber_create,
	.join = fiber_join,
	.adopt = fiber_carry,
	.tid = fiber_tid,
	.keep_altstack = fiber_keep_altstack,
	.transfer = fiber_transfer,
	.give = fiber_give,
	.await = fiber_await,
	.end = fiber_end,
};
