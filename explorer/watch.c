#include "watch.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "kernel_thread.h"
#include "proxy.h"

enum {
	USUAL_PROCESSOR_S = 60,
	USUAL_ASLEEP_S = 20,
	SPIN_ALONE_NS = 2000000000, /* for those who spin while nobody else can go: nothing will change */
	LEFTOVER_NS = 1000000000,   /* for what sleeps after the main process has ended */
	SINGLE_NS = 20000000,       /* before a thread has died alone: its process may be about to */
	ENDING_NS = 1000000000,     /* the same while no other of its threads is seen alive */
	HUNG_FACTOR = 4,            /* after a first hang the others are waited for less patiently */
	KILLED = 9,
	DEBUGGED = 't', /* stands still for as long as somebody looks at it */
};

static const uint64_t second_ns = 1000000000;

static uint64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * second_ns + (uint64_t)now.tv_nsec;
}

void watch_open(struct watch *watch, uint64_t timeout_ns)
{
	memset(watch, 0, sizeof *watch);
	watch->processor_ns = timeout_ns ? timeout_ns : USUAL_PROCESSOR_S * second_ns;
	watch->asleep_ns = timeout_ns ? timeout_ns : USUAL_ASLEEP_S * second_ns;
	prober_open(&watch->prober);
}

static void note_progress(struct watch *watch, const struct world *world, uint64_t now)
{
	watch->nsteps = world->nsteps;
	watch->running = world->running;
	watch->trace_bytes = world->trace_bytes;
	watch->since_ns = now;
	watch->sleeping_ns = 0;
	watch->nnaps = 0;
	prober_begin(&watch->prober);
}

void watch_begin(struct watch *watch)
{
	watch->nsteps = watch->running = 0;
	watch->trace_bytes = 0;
	watch->since_ns = now_ns();
	watch->sleeping_ns = 0;
	watch->nnaps = 0;
	memset(&watch->spinners, 0, sizeof watch->spinners);
	memset(&watch->nappers, 0, sizeof watch->nappers);
	processor_begin(&watch->processor, watch->since_ns);
	prober_begin(&watch->prober);
}

static bool progressed(struct watch *watch, const struct world *world, uint64_t now)
{
	if (watch->nsteps == world->nsteps && watch->running == world->running &&
		watch->trace_bytes == world->trace_bytes)
		return false;
	note_progress(watch, world, now);
	return true;
}

static enum watch_verdict over(struct control *control, enum hang_cause cause)
{
	struct world *world = &control->world;

	if (control->main_ended)
		return WATCH_LEFT;
	if (world->outcome == OUTCOME_NONE) {
		world->outcome = OUTCOME_HANG;
		world->hang = cause;
	}
	return WATCH_OVER;
}

/* Deaths and lapses hand the turn on; when nobody is left to take it, the proxy has set the outcome. */
static enum watch_verdict verdict_of(enum proxy_verdict verdict)
{
	return verdict == PROXY_NOBODY ? WATCH_OVER : WATCH_FINE;
}

static enum watch_verdict look_asleep(struct watch *watch, struct control *control, const struct task *task, int pid,
	uint64_t now)
{
	uint64_t switches = kernel_thread_switches(pid, task->tid);

	if (watch->sleeping_ns == 0 || switches != watch->switches) {
		watch->sleeping_ns = now;
		watch->switches = switches;
		watch->nnaps++;
	}
	if (now - watch->sleeping_ns < WATCH_SLEEP_NS && watch->nnaps < WATCH_NAPS)
		return WATCH_FINE;
	if (watch->nnaps == WATCH_NAPS)
		task_set_add(&watch->nappers, task->id);
	watch->sleeping_ns = 0;
	watch->nnaps = 0;
	return verdict_of(proxy_lapse(control, task->id, UNCONTROLLED_LAPSE, task->pending.site));
}

static enum watch_verdict look_busy(struct watch *watch, struct control *control, const struct task *task, int pid,
	const struct kernel_thread *thread)
{
	uint64_t site;

	watch->sleeping_ns = 0;
	watch->nnaps -= watch->nnaps < 2 ? watch->nnaps : 2;
	if (!prober_look(&watch->prober, control, pid, task->tid, thread, &site))
		return WATCH_FINE;
	task_set_add(&watch->spinners, task->id);
	return verdict_of(proxy_lapse(control, task->id, UNCONTROLLED_SPIN, site));
}

/* What ends a process ends its threads one by one. Is nobody of them left? */
static bool is_ending(const struct world *world, const struct task *task, int pid)
{
	for (uint32_t id = 1; id <= world->ntasks && id < LIMIT_TASKS; id++) {
		const struct task *other = &world->tasks[id];
		if (other->process == task->process && other != task && other->tid > 0 && other->state != TASK_ENDED &&
			!kernel_thread_is_ending(pid, other->tid))
			return false;
	}
	return true;
}

/* The main process's death is noticed by whoever waits for it; a child's and a single thread's are noticed here. */
static enum watch_verdict look_dead(const struct watch *watch, struct control *control, const struct task *task,
	const struct kernel_thread *thread, int pid)
{
	bool whole = thread->alone || kernel_thread_read(pid, pid).state == 'X';
	bool ending = !whole && is_ending(&control->world, task, pid);

	if (!whole && now_ns() - watch->since_ns < (ending ? ENDING_NS : SINGLE_NS))
		return WATCH_FINE;
	if (!whole)
		return verdict_of(proxy_task_died(control, task->id));
	if (task->process <= 1)
		return WATCH_FINE;
	/* reaped already: its parent did not wait for it as we know it */
	return verdict_of(proxy_died(control, task->process, thread->state == 'Z' ? thread->status : KILLED));
}

/*
 * Signals that tasks send each other are held by the world, and who sleeps in the kernel does not hear of them there: what
 * it waits in is interrupted, as the genuine signal would do, by one that its handler knows to have come from here.
 */
static void interrupt_lapsed(const struct control *control)
{
	const struct world *world = &control->world;

	for (uint32_t id = 1; id <= world->ntasks && id < LIMIT_TASKS; id++) {
		const struct task *task = &world->tasks[id];
		const struct process *process = &world->processes[task->process];
		if (__atomic_load_n(&task->state, __ATOMIC_ACQUIRE) != TASK_LAPSED)
			continue;
		uint64_t due = task->signals & ~task->signal_mask & process->handled;
		if (due != 0 && process->pid > 0 && task->tid > 0)
			syscall(SYS_tgkill, process->pid, task->tid, __builtin_ctzll(due) + 1);
	}
}

/* Nobody has the turn: those who lapsed are waited for. */
static enum watch_verdict look_lapsed(struct watch *watch, struct control *control, uint64_t now)
{
	struct world *world = &control->world;
	bool spins = false;

	for (uint32_t id = 1; id <= world->ntasks && id < LIMIT_TASKS; id++) {
		const struct task *task = &world->tasks[id];
		if (task->state != TASK_LAPSED)
			continue;
		int pid = world->processes[task->process].pid;
		struct kernel_thread thread = kernel_thread_read(pid, task->tid);
		if (thread.state == 'Z' || thread.state == 'X')
			return look_dead(watch, control, task, &thread, pid);
		if (thread.state == DEBUGGED)
			watch->since_ns = now;
		if (thread.state != 'R' || task_set_has(&watch->nappers, id))
			continue;
		if (!task_set_has(&watch->spinners, id))
			watch->since_ns = now; /* it computes */
		spins = true;
	}
	uint64_t idle_ns = now - watch->since_ns;
	if (control->main_ended && idle_ns > LEFTOVER_NS)
		return WATCH_LEFT;
	if (spins && idle_ns > SPIN_ALONE_NS && !(world->seen & SEEN_FOREIGN))
		return over(control, HANG_SPINS);
	if (idle_ns <= watch->asleep_ns / (watch->hung ? HUNG_FACTOR : 1))
		return WATCH_FINE;
	watch->hung = true;
	return over(control, HANG_ASLEEP);
}

static enum watch_verdict look_holder(struct watch *watch, struct control *control, const struct task *task,
	uint64_t now)
{
	int pid = control->world.processes[task->process].pid;

	if (pid <= 0 || task->tid <= 0)
		return WATCH_FINE;
	struct kernel_thread thread = kernel_thread_read(pid, task->tid);
	if (thread.state == 'Z' || thread.state == 'X')
		return look_dead(watch, control, task, &thread, pid);
	if (thread.state == DEBUGGED)
		note_progress(watch, &control->world, now);
	if (thread.state == DEBUGGED || task->state != TASK_RUNNING)
		return WATCH_FINE;
	if (thread.state == 'R')
		return look_busy(watch, control, task, pid, &thread);
	if (thread.state != 'D')
		return look_asleep(watch, control, task, pid, now);
	return now - watch->since_ns > watch->asleep_ns ? over(control, HANG_ASLEEP) : WATCH_FINE;
}

enum watch_verdict watch_start(struct watch *watch, struct control *control)
{
	if (now_ns() - watch->since_ns <= watch->processor_ns)
		return WATCH_FINE;
	control->world.outcome = OUTCOME_HANG;
	return WATCH_OVER;
}

enum watch_verdict watch_look(struct watch *watch, struct control *control)
{
	struct world *world = &control->world;
	uint32_t running = __atomic_load_n(&world->running, __ATOMIC_ACQUIRE);
	uint64_t now = now_ns();

	if (world->outcome != OUTCOME_NONE)
		return WATCH_OVER; /* somebody has ended it, perhaps another than the main process */
	if (processor_used(&watch->processor, control, now) > watch->processor_ns)
		return over(control, HANG_PROCESSOR);
	interrupt_lapsed(control);
	if (progressed(watch, world, now))
		return WATCH_FINE;
	if (running == 0 && world->ntasks > 0)
		return look_lapsed(watch, control, now);
	if (running > 0 && running <= world->ntasks && running < LIMIT_TASKS)
		return look_holder(watch, control, &world->tasks[running], now);
	return WATCH_FINE;
}
