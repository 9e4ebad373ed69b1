#include "forkserver.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <sys/wait.h>

#include "binding.h"
#include "carrier.h"
#include "commons.h"
#include "control.h"
#include "die.h"
#include "fiber.h"
#include "module.h"
#include "real.h"
#include "shared/result.h"
#include "shared/turn.h"
#include "sys.h"
#include "unwind.h"
#include "warm.h"

static void ring(void)
{
	__atomic_add_fetch(&control->results_written, 1, __ATOMIC_SEQ_CST);
	sys_futex_wake(&control->results_written, 1);
}

/* A result of many is no reason to wake race. */
static void ring_for(uint64_t number)
{
	__atomic_add_fetch(&control->results_written, 1, __ATOMIC_SEQ_CST);
	if (number >= control->wake_at && __atomic_load_n(&control->explorer_sleeps, __ATOMIC_SEQ_CST))
		sys_futex_wake(&control->results_written, 1);
}

/* What number of plan it is that this slot offers; 0: none. */
static uint64_t offer_of(uint32_t i)
{
	uint64_t number = __atomic_load_n(&control->offered[i], __ATOMIC_ACQUIRE);

	if (number == 0 || __atomic_load_n(&control->slots[i].state, __ATOMIC_ACQUIRE) != SLOT_PLANNED)
		return 0;
	return number;
}

/* The planned slot with the lowest number, or NULL. That of the next number is mostly the next slot. */
static struct slot *planned(void)
{
	uint64_t best = UINT64_MAX;
	uint32_t next = control->current_slot + 1;
	struct slot *found = NULL;

	if (next < CONTROL_SLOTS && offer_of(next) == control->world.plan + 1)
		return &control->slots[next];
	for (uint32_t i = 0; i < CONTROL_SLOTS; i++) {
		uint64_t number = offer_of(i);
		if (number == 0 || number >= best)
			continue;
		best = number;
		found = &control->slots[i];
	}
	return found;
}

/* False: race has taken the plan back. */
static bool claim(struct slot *slot)
{
	uint32_t planned = SLOT_PLANNED;

	if (!__atomic_compare_exchange_n(&slot->state, &planned, SLOT_CLAIMED, false, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE))
		return false;
	__atomic_store_n(&control->offered[slot - control->slots], 0, __ATOMIC_RELEASE);
	return true;
}

void forkserver_put_back(struct slot *slot)
{
	uint32_t claimed = SLOT_CLAIMED;

	__atomic_store_n(&control->offered[slot - control->slots], slot->plan.number, __ATOMIC_RELEASE);
	__atomic_compare_exchange_n(&slot->state, &claimed, SLOT_PLANNED, false, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE);
}

/* Nothing is left to be done; race may be waiting for results that did not wake it. */
static void sleep_until_planned(uint32_t seen)
{
	if (__atomic_load_n(&control->explorer_sleeps, __ATOMIC_SEQ_CST))
		sys_futex_wake(&control->results_written, 1);
	__atomic_store_n(&control->server_sleeps, 1, __ATOMIC_SEQ_CST);
	sys_futex_wait(&control->plans_written, seen, -1);
	__atomic_store_n(&control->server_sleeps, 0, __ATOMIC_RELEASE);
}

struct slot *forkserver_await(void)
{
	for (;;) {
		uint32_t seen = __atomic_load_n(&control->plans_written, __ATOMIC_SEQ_CST);
		if (__atomic_load_n(&control->stop, __ATOMIC_ACQUIRE))
			sys_exit_group(0);
		struct slot *slot = planned();
		if (!slot)
			sleep_until_planned(seen);
		else if (claim(slot))
			return slot;
	}
}

/* Claimed by a process that is no more. */
static void reclaim(void)
{
	for (uint32_t i = 0; i < CONTROL_SLOTS; i++)
		if (__atomic_load_n(&control->slots[i].state, __ATOMIC_ACQUIRE) == SLOT_CLAIMED)
			forkserver_put_back(&control->slots[i]);
}

static void rewind_input(void)
{
	if (control->settings.input_offset_valid)
		sys_call3(SYS_lseek, 0, (long)control->settings.input_offset, 0);
}

void forkserver_open(struct slot *slot)
{
	control->current_slot = (uint32_t)(slot - control->slots);
	control->slot_offset = (uint64_t)((char *)slot - (char *)control);
	control->trace_offset = slot->trace_offset;
	control->trace_limit = slot->trace_limit;
	world_reset(&control->world);
	control->world.plan = slot->plan.number;
	control->main_ended = 0;
	control->attention = 0;
	module_forget();
	fiber_begin();
	turn_open(&control->world, &slot->plan);
	__atomic_store_n(&slot->state, SLOT_RUNNING, __ATOMIC_RELEASE);
}

/*
 * Waits for the child's end, whose status is put there. False: the child lives on, and has passed on a plan. A program
 * that ignores SIGCHLD since before main lets nobody wait for it: then what it said itself counts.
 */
static bool await_end(int child, int *status)
{
	for (;;) {
		long pid = sys_call(SYS_wait4, -1, (long)status, 0, 0, 0, 0);
		if (pid == child)
			return true;
		if (pid > 0 && control->passed > 0)
			return false;
		if (pid < 0 && pid != -EINTR)
			break;
	}
	*status = control->world.processes[1].status;
	return true;
}

static bool others_live(void)
{
	const struct world *world = &control->world;

	if (world->outcome != OUTCOME_NONE)
		return false;
	for (uint32_t i = 2; i <= world->nprocesses; i++)
		if (world->processes[i].state == PROCESS_LIVE)
			return true;
	return false;
}

void forkserver_finish(int status)
{
	control->main_status = status;
	__atomic_store_n(&control->main_ended, 1, __ATOMIC_RELEASE);
	result_fill(control, status);
	ring_for(control->world.plan);
}

/* Race sees to the processes that outlived the main one, then calls the execution done. */
static void leave_to_race(struct slot *slot)
{
	__atomic_or_fetch(&control->attention, ATTENTION_LEFTOVER, __ATOMIC_RELEASE);
	ring();
	for (;;) {
		uint32_t state = __atomic_load_n(&slot->state, __ATOMIC_ACQUIRE);
		if (state != SLOT_RUNNING)
			return;
		sys_futex_wait(&slot->state, state, -1);
	}
}

static void finish(int status)
{
	struct slot *slot = control_slot();

	if (__atomic_load_n(&slot->state, __ATOMIC_ACQUIRE) != SLOT_RUNNING)
		return; /* it left between two executions */
	control->main_status = status;
	__atomic_store_n(&control->main_ended, 1, __ATOMIC_RELEASE);
	if (others_live())
		leave_to_race(slot);
	else
		forkserver_finish(status);
}

static void open_for_process(struct slot *slot)
{
	forkserver_open(slot);
	rewind_input(); /* a snapshot puts back the offset that it found */
}

/* Looks first: what is written first the kernel maps by single pages. The fork server has no use for it. */
static void look_at_block(const struct slot *slot)
{
	const volatile struct control *block = control;

	(void)block->version;
	(void)block->world.nsteps;
	(void)block->world.tasks[1].state;
	(void)block->world.objects[1].kind;
	(void)*((const volatile char *)control + slot->trace_offset);
}

/* A process for this plan. True in that process. */
static bool begin(struct slot *slot)
{
	open_for_process(slot);
	binding_apply();
	carrier_current()->prepare();
	int child = real.fork();
	if (child < 0)
		die("no process can be made for an execution; see ulimit -u and -v");
	if (child == 0) {
		look_at_block(slot);
		commons_part();
	}
	control->main_pid = child == 0 ? sys_getpid() : child;
	return child == 0;
}

/* Until the child has ended, which may have run other plans as well. True in a process for a plan that it passed on. */
static bool serve(int child)
{
	int status = 0;

	while (!await_end(child, &status)) {
		if (begin(&control->slots[control->passed - 1]) || serve(control->main_pid))
			return true;
		__atomic_store_n(&control->passed, 0, __ATOMIC_RELEASE);
		sys_futex_wake(&control->passed, 1);
	}
	finish(status);
	return false;
}

/* A sibling of this process is made that ends at once: their parent hears of that. */
static bool call_parent(void)
{
	register long fourth __asm__("r10") = 0;
	register long fifth __asm__("r8") = 0;
	long result = SYS_clone;

	__asm__ volatile("syscall\n"
		"	testq %%rax, %%rax\n"
		"	jnz 1f\n"
		"	movl %[exit], %%eax\n" /* on our stack, which it must not use */
		"	xorl %%edi, %%edi\n"
		"	syscall\n"
		"1:\n"
		: "+a"(result)
		: "D"((long)(CLONE_VM | CLONE_VFORK | CLONE_PARENT | SIGCHLD)), "S"(0L), "d"(0L), "r"(fourth), "r"(fifth),
		[exit] "i"(SYS_exit)
		: "rcx", "r11", "memory");
	return result > 0;
}

/* Whoever ignores the ends of children does not hear of them. */
static bool hears_children(void)
{
	struct {
		uint64_t handler, flags, restorer, mask;
	} action;

	return sys_call(SYS_rt_sigaction, SIGCHLD, 0, (long)&action, sizeof action.mask, 0, 0) == 0 &&
		action.handler != (uint64_t)(uintptr_t)SIG_IGN && !(action.flags & SA_NOCLDWAIT);
}

bool forkserver_pass(const struct slot *slot)
{
	uint32_t passed = (uint32_t)(slot - control->slots) + 1;

	if (!control->server_hears)
		return false;
	__atomic_store_n(&control->passed, passed, __ATOMIC_RELEASE);
	if (!call_parent()) {
		control->passed = 0;
		return false;
	}
	while (__atomic_load_n(&control->passed, __ATOMIC_ACQUIRE) == passed)
		sys_futex_wait(&control->passed, passed, -1);
	control->main_pid = sys_getpid();
	return true;
}

static struct slot *next_plan(void)
{
	reclaim();
	struct slot *slot = forkserver_await();
	unwind_prepare();
	return slot;
}

static void introduce(void)
{
	control->server_pid = (uint32_t)sys_getpid();
	control->server_hears = hears_children();
	control->passed = 0;
	module_keep();
}

void forkserver_once(void)
{
	introduce();
	open_for_process(next_plan());
	control->main_pid = sys_getpid();
}

void forkserver_serve(void)
{
	introduce();
	commons_find();
	binding_open();
	for (;;) {
		struct slot *slot = next_plan();
		warm_prepare();
		if (begin(slot) || serve(control->main_pid))
			return;
	}
}
