/* Signals: what is sent between controlled tasks is held in the world and delivered at points. */
#include "call.h"

#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "carrier.h"
#include "record.h"
#include "probe.h"
#include "shared/death.h"
#include "shared/model/retry.h"
#include "shared/post.h"
#include "signal.h"
#include "signal_group.h"
#include "stranger.h"
#include "sys.h"

/* What the program asked for; the kernel has our handler where it set one. */
static struct sigaction handlers[65];
static uint64_t caught, ignored; /* the same, a bit for each signal: looked at in every execution */

static uint64_t bits_of(const sigset_t *set)
{
	uint64_t bits;

	memcpy(&bits, set, sizeof bits); /* glibc: the kernel's 64 signals first, lowest bit for signal 1 */
	return bits;
}

/* Raised by the processor at this very instruction: can't wait. */
static bool is_fault(int number, const siginfo_t *information)
{
	if (number == SIGSEGV || number == SIGBUS || number == SIGFPE || number == SIGILL || number == SIGTRAP ||
		number == SIGSYS)
		return information->si_code > 0;
	return number == SIGABRT;
}

/* The kernel's word that a controlled child has ended: the model has sent that signal already. */
static bool is_known_child(int number, const siginfo_t *information)
{
	const struct world *world = &control->world;

	if (number != SIGCHLD || information->si_code <= 0)
		return false;
	for (uint32_t i = 1; i <= world->nprocesses; i++)
		if (world->processes[i].pid == information->si_pid)
			return true;
	return false;
}

/* The watchdog interrupts a call that sleeps: what for is held already. */
static bool is_interruption(const siginfo_t *information)
{
	return information->si_code == SI_TKILL && information->si_pid == control->settings.explorer_pid;
}

static int set_action(int number, const struct sigaction *action, struct sigaction *old);

/* A handler for one time (SA_RESETHAND): by a call of ours, as what the kernel does by itself is not undone. */
static void reset(int number)
{
	set_action(number, &(struct sigaction){.sa_handler = SIG_DFL}, NULL);
}

static void call_handler(int number, siginfo_t *information, void *context)
{
	struct sigaction action = handlers[number];
	uint16_t inside = self.inside, handling = self.handling;

	if (action.sa_flags & (int)SA_RESETHAND)
		reset(number);
	self.inside = 0;
	self.handling = 0;
	if (action.sa_flags & SA_SIGINFO)
		action.sa_sigaction(number, information, context);
	else
		action.sa_handler(number);
	self.inside = inside;
	self.handling = handling;
}

/* From outside: whom the kernel would have interrupted. A thread that carries several tasks sleeps with what all block. */
static void hold(int number)
{
	struct task *task = task_self();

	if (task->signal_mask & post_bit(number))
		task = post_taker(&control->world, control_process, number, task);
	__atomic_or_fetch(&task->signals, post_bit(number), __ATOMIC_SEQ_CST);
	__atomic_store_n(&control->world.struck, 1, __ATOMIC_SEQ_CST);
}

static void on_signal(int number, siginfo_t *information, void *context)
{
	int error = errno;

	signals_mask_moved();
	if (self.task == 0 || control_mode != CONTROL_CONTROL || signals_take_raised(number) || is_fault(number, information))
		call_handler(number, information, context);
	else if (!is_known_child(number, information) && !is_interruption(information))
		hold(number);
	signals_mask_moved();
	errno = error;
}

static bool is_function(const struct sigaction *action)
{
	return (action->sa_flags & SA_SIGINFO) || (action->sa_handler != SIG_DFL && action->sa_handler != SIG_IGN);
}

/* What the program wants is known before control begins, too. */
static void remember(int number, const struct sigaction *action)
{
	uint64_t bit = post_bit(number);

	handlers[number] = *action;
	caught &= ~bit;
	ignored &= ~bit;
	if (is_function(action))
		caught |= bit;
	else if (action->sa_handler == SIG_IGN)
		ignored |= bit;
	signal_begin();
}

static int (*genuine_sigaction)(int, const struct sigaction *, struct sigaction *);
INTERPOSE_TABLE(sigaction, LIBC, NULL);

void signal_foreign(int number, siginfo_t *information, void *context)
{
	struct sigaction action = {.sa_handler = SIG_DFL};

	if (is_function(&handlers[number])) {
		on_signal(number, information, context);
	} else if (handlers[number].sa_handler != SIG_IGN) {
		genuine_sigaction(number, &action, NULL);
		sys_call3(SYS_tgkill, sys_getpid(), sys_gettid(), number);
	}
}

/* The kernel keeps our handler. */
static int set_apart(int number, const struct sigaction *action, struct sigaction *old)
{
	if (old)
		*old = handlers[number];
	if (action)
		remember(number, action);
	return 0;
}

void signal_open(void)
{
	struct sigaction before;

	if (!genuine_sigaction)
		resolve_entry(&entry_sigaction);
	for (int number = 1; number <= 64; number++)
		if (genuine_sigaction(number, NULL, &before) == 0 && before.sa_handler == SIG_IGN)
			remember(number, &before);
}

void signal_begin(void)
{
	struct process *process = &control->world.processes[control_process];

	process->handled = caught;
	process->ignored = ignored;
}

/* Also before control begins: handlers that constructors set are ours to hold later. */
static int set_action(int number, const struct sigaction *action, struct sigaction *old)
{
	struct sigaction ours, before = {0};

	if (number < 1 || number > 64)
		return genuine_sigaction(number, action, old);
	if (probe_owns(number))
		return set_apart(number, action, old);
	if (action) {
		ours = *action;
		if (is_function(action)) {
			ours.sa_flags = (ours.sa_flags | SA_SIGINFO) & ~(int)SA_RESETHAND;
			ours.sa_sigaction = on_signal;
		}
	}
	if (genuine_sigaction(number, action ? &ours : NULL, &before) != 0)
		return -1;
	if (before.sa_sigaction == on_signal)
		before = handlers[number];
	if (action)
		remember(number, action);
	if (old)
		*old = before;
	return 0;
}

INTERPOSE_EXPORT int sigaction(int number, const struct sigaction *action, struct sigaction *old);

int sigaction(int number, const struct sigaction *action, struct sigaction *old)
{
	if (!genuine_sigaction)
		resolve_entry(&entry_sigaction);
	if (control_mode != CONTROL_CONTROL || self.inside != 0)
		return genuine_sigaction(number, action, old);
	return set_action(number, action, old);
}

static __sighandler_t set_handler(int number, __sighandler_t handler, int flags)
{
	struct sigaction action = {.sa_handler = handler, .sa_flags = flags}, old;

	sigemptyset(&action.sa_mask);
	if (!genuine_sigaction)
		resolve_entry(&entry_sigaction);
	return set_action(number, &action, &old) == 0 ? old.sa_handler : SIG_ERR;
}

INTERPOSE(__sighandler_t, signal, (int number, __sighandler_t handler), (number, handler))
{
	return set_handler(number, handler, SA_RESTART);
}

INTERPOSE(__sighandler_t, sysv_signal, (int number, __sighandler_t handler), (number, handler))
{
	return set_handler(number, handler, SA_RESETHAND | SA_NODEFER);
}

/* Sends to a task of this or another process: a step of its own. Delivered when this task returns, or at its point. */
static void send_task(uint32_t target, int number)
{
	struct request request = call_request(OP_KILL, control->world.tasks[target].object);

	request.argument = (uint64_t)number;
	point(&request);
}

static uint32_t live_process(pid_t pid)
{
	const struct world *world = &control->world;

	for (uint32_t i = 1; i <= world->nprocesses; i++)
		if (world->processes[i].pid == pid && world->processes[i].state == PROCESS_LIVE)
			return i;
	return 0;
}

/* The signal ends that process: it is parked and can't do so by itself. */
static void end_process(uint32_t index, int number)
{
	sys_call3(SYS_kill, control->world.processes[index].pid, number == SIGSTOP ? SIGKILL : number, 0);
	death_of_process(&control->world, index, number);
	retry_all(&control->world);
}

/* Blocked signals without a handler are the kernel's, too: what lets them in, or reads them, need not be ours. */
static void post(uint32_t index, int number)
{
	const struct process *process = &control->world.processes[index];

	if (post_is_fatal(process, number))
		sys_call3(SYS_kill, process->pid, number, 0);
	post_process(&control->world, index, number);
}

static int send_process(uint32_t index, int number)
{
	struct process *process = &control->world.processes[index];
	struct request request = call_request(OP_KILL, process->object);

	point_announce(&request);
	if (number == SIGSTOP || number == SIGCONT || number == SIGTSTP)
		sys_call3(SYS_kill, process->pid, number, 0);
	else if (post_ends(&control->world, index, number))
		end_process(index, number);
	else if (process->state == PROCESS_LIVE)
		post(index, number);
	point_done(0, 0);
	return 0;
}

/* To ourselves: this thread takes it when it lets it in and nobody waits for it. */
static int send_self(int number, int (*genuine)(pid_t, int))
{
	struct process *process = &control->world.processes[control_process];

	if (post_ends(&control->world, control_process, number)) {
		call_user_begin();
		int result = genuine(getpid(), number);
		call_user_end();
		return result;
	}
	struct request request = call_request(OP_KILL, process->object);
	point_announce(&request);
	post(control_process, number);
	point_done(0, 0);
	return 0;
}

INTERPOSE(int, kill, (pid_t pid, int number), (pid, number))
{
	uint32_t index = pid > 0 && number > 0 && number <= 64 ? live_process(pid) : 0;

	if (index == control_process && index)
		return send_self(number, genuine_kill);
	if (index)
		return send_process(index, number);
	if (pid <= 0 && pid != -1 && number >= 0 && number <= 64)
		return signal_group_kill(-pid, number, genuine_kill);
	int result = genuine_kill(pid, number);
	self.error = errno;
	point_ensure();
	return result;
}

int signal_kill(pid_t pid, int number)
{
	return body_kill(pid, number);
}

INTERPOSE(int, sigqueue, (pid_t pid, int number, const union sigval value), (pid, number, value))
{
	uint32_t index = number > 0 && number <= 64 ? live_process(pid) : 0;

	if (index && index != control_process)
		return send_process(index, number);
	int result = genuine_sigqueue(pid, number, value);
	self.error = errno;
	return result;
}

/* What this task blocks is held for it, whoever else shares its kernel thread. */
static void raise_here(int number)
{
	struct task *task = task_self();

	if (task->signal_mask & post_bit(number)) {
		post_task(&control->world, task, number);
		post_tell(&control->world, control_process, number);
		return;
	}
	call_user_begin();
	signals_raise(number);
	call_user_end();
}

INTERPOSE(int, raise, (int number), (number))
{
	if (number < 1 || number > 64)
		return call_error(EINVAL);
	raise_here(number);
	return 0;
}

/* Number 0 asks whether it is there. */
static void signal_task(uint32_t task, int number)
{
	if (number == 0)
		return;
	if (task != self.task)
		send_task(task, number);
	else
		raise_here(number);
}

INTERPOSE(int, pthread_kill, (pthread_t thread, int number), (thread, number))
{
	uint32_t task = thread == pthread_self() ? self.task : task_by_handle(thread);

	if (task == 0 || number < 0 || number > 64 || (number == 0 && carrier_current()->parallel))
		return genuine_pthread_kill(thread, number);
	signal_task(task, number);
	return 0;
}

int signal_thread(int tid, int number)
{
	if (number < 0 || number > 64)
		return call_error(EINVAL);
	signal_task(task_by_tid(tid), number);
	return 0;
}

INTERPOSE(int, tgkill, (pid_t pid, pid_t tid, int number), (pid, tid, number))
{
	if (pid == getpid() && task_by_tid(tid))
		return signal_thread(tid, number);
	return (int)call_slept(genuine_tgkill(pid, tid, number));
}

bool signal_take(int number, siginfo_t *information)
{
	static const struct timespec now;
	uint64_t bit = post_bit(number);

	return sys_call(SYS_rt_sigtimedwait, (long)&bit, (long)information, (long)&now, sizeof bit, 0, 0) == number;
}

/* Waits for a signal of the set; its number, or a negative errno. */
static int64_t wait_signal(uint64_t set, const struct timespec *timeout, uint16_t flags)
{
	struct request request = call_request(OP_SIGNAL_WAIT, task_self()->object);

	post_claim(&control->world, task_self(), set);
	request.argument = set;
	request.flags |= flags;
	if (timeout) {
		if (timeout->tv_nsec < 0 || timeout->tv_nsec >= 1000000000)
			return -EINVAL;
		request.flags |= REQUEST_TIMED;
		request.deadline_ns = vclock_after((uint64_t)timeout->tv_sec * 1000000000 + (uint64_t)timeout->tv_nsec);
	}
	int64_t result = stranger_wait(&request);
	if (result == EINTR && !(set & post_bit(EINTR)))
		return -EINTR;
	if (result > 0 && !(control->world.processes[control_process].handled & post_bit((int)result)))
		signal_take((int)result, NULL);
	return result == ETIMEDOUT ? -EAGAIN : result;
}

INTERPOSE(int, sigwait, (const sigset_t *set, int *number), (set, number))
{
	*number = (int)wait_signal(bits_of(set), NULL, 0);
	return 0;
}

static int wait_information(const sigset_t *set, siginfo_t *information, const struct timespec *timeout)
{
	int64_t number = wait_signal(bits_of(set), timeout, REQUEST_INTERRUPT);

	if (number < 0)
		return call_error((int)-number);
	if (information) {
		memset(information, 0, sizeof *information);
		information->si_signo = (int)number;
		information->si_code = SI_USER;
		information->si_pid = getpid();
		information->si_uid = getuid();
	}
	return (int)number;
}

INTERPOSE(int, sigwaitinfo, (const sigset_t *set, siginfo_t *information), (set, information))
{
	return wait_information(set, information, NULL);
}

INTERPOSE(int, sigtimedwait, (const sigset_t *set, siginfo_t *information, const struct timespec *timeout),
	(set, information, timeout))
{
	return wait_information(set, information, timeout);
}

/* Until a handler has run. */
static int suspend(uint64_t mask, uint16_t flags)
{
	uint64_t handled = control->world.processes[control_process].handled;
	int64_t number = wait_signal(handled & ~mask, NULL, flags);

	if (number > 0) {
		call_user_begin();
		signals_raise((int)number);
		call_user_end();
	}
	return call_error(EINTR);
}

INTERPOSE(int, pause, (void), ())
{
	return suspend(task_self()->signal_mask, REQUEST_INTERRUPT);
}

INTERPOSE(int, sigsuspend, (const sigset_t *mask), (mask))
{
	struct task *task = task_self();
	uint64_t before = task->signal_mask, during = bits_of(mask);

	signals_set_mask(during);
	int result = suspend(during, REQUEST_MASKED);
	signals_set_mask(before);
	return result;
}

INTERPOSE(int, sigpending, (sigset_t * set), (set))
{
	int result = genuine_sigpending(set);
	uint64_t held = task_self()->signals | control->world.processes[control_process].signals;

	for (int number = 1; number <= 64; number++)
		if (held & post_bit(number))
			sigaddset(set, number);
	return result;
}
