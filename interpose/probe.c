#include "probe.h"

#include <string.h>
#include <ucontext.h>

#include "call.h"
#include "shared/probe.h"
#include "signal.h"
#include "sys.h"

enum { RED_ZONE_BYTES = 128, PAGE_BYTES = 4096, PAGES = 2, STACK_BYTES = 1024 };

static int (*genuine_sigaction)(int, const struct sigaction *, struct sigaction *);

bool probe_owns(int number)
{
	return number == PROBE_SIGNAL && control_mode == CONTROL_CONTROL;
}

const sigset_t *probe_spare(const sigset_t *set, sigset_t *buffer)
{
	if (!set || control_mode != CONTROL_CONTROL)
		return set;
	*buffer = *set;
	sigdelset(buffer, PROBE_SIGNAL);
	return buffer;
}

/* The kernel says EINVAL for the `how` when it could read the set, EFAULT when it could not. */
static bool is_readable(uint64_t address)
{
	return sys_call(SYS_rt_sigprocmask, 99, (long)address, 0, 8, 0, 0) == -EINVAL;
}

static uint64_t mix(uint64_t hash, uint64_t value)
{
	hash = (hash ^ value) * 0x9e3779b185ebca87ULL;
	return hash ^ hash >> 29;
}

/* The innermost frames: where unoptimised code keeps what it counts. */
static uint64_t hash_stack(uint64_t hash, uint64_t top)
{
	uint64_t begin = (top - RED_ZONE_BYTES) & ~7ULL, end = begin + STACK_BYTES;
	uint64_t page = begin & ~(uint64_t)(PAGE_BYTES - 1);

	for (int i = 0; i < PAGES; i++, page += PAGE_BYTES)
		if (page < end && !is_readable(page + PAGE_BYTES - 8))
			end = page;
	for (uint64_t at = begin; at + 8 <= end; at += 8)
		hash = mix(hash, *(const uint64_t *)(uintptr_t)at);
	return hash;
}

static void answer(const ucontext_t *context)
{
	const greg_t *registers = context->uc_mcontext.gregs;
	uint64_t hash = 0;

	for (int i = REG_R8; i <= REG_RIP; i++)
		hash = mix(hash, (uint64_t)registers[i]);
	control->probe.address = (uint64_t)registers[REG_RIP];
	control->probe.state = hash_stack(hash, (uint64_t)registers[REG_RSP]);
	__atomic_store_n(&control->probe.answered, control->probe.asked, __ATOMIC_RELEASE);
}

void probe_cancel(int tid)
{
	siginfo_t information = {.si_signo = PROBE_SIGNAL, .si_code = SI_QUEUE};
	int pid = sys_getpid();

	information.si_pid = pid;
	information.si_value.sival_int = PROBE_CANCEL;
	sys_call(SYS_rt_tgsigqueueinfo, pid, tid, PROBE_SIGNAL, (long)&information, 0, 0);
}

/* In code of the program, of a task that has lapsed: in our own it acts upon its cancellation when that ends. */
static void take_cancellation(void)
{
	if (self.task == 0 || self.inside != 0 || !self.asynchronous)
		return;
	self.inside = 1;
	self.error = errno;
	point_ensure();
	cancel_act();
	self.inside = 0;
}

static bool is_ours(const siginfo_t *information, int value, int pid)
{
	return information->si_code == SI_QUEUE && information->si_value.sival_int == value && information->si_pid == pid;
}

static void on_probe(int number, siginfo_t *information, void *context)
{
	if (is_ours(information, PROBE_VALUE, control->settings.explorer_pid))
		answer(context);
	else if (is_ours(information, PROBE_CANCEL, sys_getpid()))
		take_cancellation();
	else
		signal_foreign(number, information, context);
}

void probe_open(void)
{
	static const struct interposed entry = {"sigaction", LIBC, NULL, (void **)&genuine_sigaction};
	struct sigaction action = {.sa_sigaction = on_probe, .sa_flags = SA_SIGINFO | SA_RESTART | SA_ONSTACK};

	if (control_mode != CONTROL_CONTROL || !resolve_entry(&entry))
		return;
	sigemptyset(&action.sa_mask);
	genuine_sigaction(PROBE_SIGNAL, &action, NULL);
}
