#include "point.h"

#include <signal.h>

#include "carrier.h"
#include "census.h"
#include "channel.h"
#include "checkpoint.h"
#include "control.h"
#include "debugger.h"
#include "die.h"
#include "foreign.h"
#include "module.h"
#include "record.h"
#include "self.h"
#include "shared/death.h"
#include "shared/leftover.h"
#include "shared/model/model.h"
#include "shared/suspension.h"
#include "shared/turn.h"
#include "signals.h"
#include "snapshot.h"
#include "stack.h"
#include "sys.h"
#include "task.h"
#include "timer.h"

/* Puts a choice to the explorer and waits for its answer. */
static void ask(struct ask *question)
{
	__atomic_store_n(&question->word, ASK_PENDING, __ATOMIC_RELEASE);
	__atomic_add_fetch(&control->results_written, 1, __ATOMIC_RELEASE);
	sys_futex_wake(&control->results_written, 1);
	while (__atomic_load_n(&question->word, __ATOMIC_ACQUIRE) == ASK_PENDING)
		sys_futex_wait(&question->word, ASK_PENDING, -1);
	question->word = ASK_NONE;
}

static void ask_task(uint32_t current, struct decision *decision)
{
	struct ask *question = &control->ask;

	question->kind = CHOICE_TASK;
	question->task = (uint16_t)current;
	question->enabled = decision->enabled;
	question->timed = decision->timed;
	question->waiting = decision->waiting;
	ask(question);
	if (question->diverged || !turn_take(&control->world, control_plan(), current, question->answer, question->timeout, decision))
		control_end(OUTCOME_DIVERGED);
}

/*
 * Nobody can go, but somebody lapsed: the first who returns takes the turn from nobody. One who returned while we
 * were deciding found the turn still taken and sleeps; it is looked for after the turn has been given up.
 */
static void leave_to_nobody(void)
{
	struct world *world = &control->world;

	__atomic_store_n(&world->running, 0, __ATOMIC_SEQ_CST);
	for (uint32_t id = 1; id <= world->ntasks; id++) {
		uint32_t nobody = 0;
		if (__atomic_load_n(&world->tasks[id].state, __ATOMIC_SEQ_CST) != TASK_RETURNED)
			continue;
		if (__atomic_compare_exchange_n(&world->running, &nobody, id, false, __ATOMIC_SEQ_CST,
				__ATOMIC_SEQ_CST))
			carrier_current()->give(id);
		return;
	}
}

/* Those who outlived the main process don't go on any more: race ends them. */
static bool stick(void)
{
	__atomic_or_fetch(&control->attention, ATTENTION_STUCK, __ATOMIC_RELEASE);
	__atomic_add_fetch(&control->results_written, 1, __ATOMIC_RELEASE);
	sys_futex_wake(&control->results_written, 1);
	return false;
}

static void note_choice(const struct decision *decision)
{
	bool timeout = task_set_has(&decision->timed, decision->task);

	control->world.nchoices++;
	checkpoint_note((struct directive){.form = DIRECTIVE_TAKE, .kind = timeout ? CHOICE_TIMEOUT : CHOICE_TASK,
		.task = (uint16_t)decision->task});
}

/* Instead of what they wait for they are about to run handlers. */
static void tell_suspended(void)
{
	struct world *world = &control->world;

	for (uint32_t id = 1; id <= world->ntasks; id++) {
		struct task *task = &world->tasks[id];
		if (!(task->flags & TASK_SUSPENDED))
			continue;
		task->flags &= ~(uint32_t)TASK_SUSPENDED;
		record_announce(task);
	}
	world->nsuspended = 0;
}

/* One decision, timers included; false: nobody can go. Does not return when the execution ends here. */
static bool decide_once(uint32_t current, struct decision *decision)
{
	struct world *world = &control->world;
	uint64_t clock_before_ns = world->now_ns;

	if (leftover_is_over(world))
		return stick();
	enum turn_verdict verdict = turn_next(world, control_plan(), control_prefix(), current, decision);

	if (__builtin_expect(world->nsuspended != 0, 0))
		tell_suspended();
	switch (verdict) {
	case TURN_ASK:
		ask_task(current, decision);
		break;
	case TURN_GO:
		break;
	case TURN_NOBODY:
	case TURN_ENDED:
		return false;
	case TURN_DEADLOCK:
		if (census_take())
			return decide_once(current, decision);
		if (leftover_is_idle(world))
			return stick();
		foreign_excuse();
		control_end(OUTCOME_DEADLOCK);
	case TURN_DIVERGED:
		control_end(OUTCOME_DIVERGED);
	case TURN_LIMIT:
		if (turn_is_livelock(world))
			control_end(OUTCOME_LIVELOCK);
		world->limit = LIMIT_ID_STEPS;
		control_end(OUTCOME_LIMIT);
	}
	world->nsteps++;
	world->npreemptions += decision->cost;
	if (decision->nalternatives > 1)
		note_choice(decision);
	record_step(current, decision, clock_before_ns);
	return true;
}

/* Who goes after `current` has announced its operation. */
static bool decide(uint32_t current, struct decision *decision)
{
	struct world *world = &control->world;

	while (decide_once(current, decision)) {
		if (!(world->tasks[decision->task].flags & TASK_TIMER)) {
			__atomic_store_n(&world->running, decision->task, __ATOMIC_RELEASE);
			return true;
		}
		timer_fire(decision->task);
	}
	return false;
}

static void set_running(struct task *task)
{
	__atomic_store_n(&task->state, TASK_RUNNING, __ATOMIC_RELEASE);
	debugger_pause();
}

/* The announced operation waits its turn. */
static void pass_turn(struct task *task, uint64_t order)
{
	struct decision decision;

	if (checkpoint_is_due())
		snapshot_keep();
	task->wait_order = order;
	if (!decide(task->id, &decision)) {
		leave_to_nobody();
		carrier_current()->await(task->id);
	} else if (decision.task != task->id) {
		carrier_current()->transfer(task->id, decision.task);
	}
	set_running(task);
}

/* A lapsed task is back: it queues. The turn comes from whoever has it, or is taken from nobody. */
static void queue_again(struct task *task)
{
	struct world *world = &control->world;
	uint32_t nobody = 0;

	__atomic_store_n(&task->state, TASK_RETURNED, __ATOMIC_SEQ_CST);
	if (!__atomic_compare_exchange_n(&world->running, &nobody, task->id, false, __ATOMIC_SEQ_CST,
			__ATOMIC_SEQ_CST))
		carrier_current()->await(task->id);
	world->progress++; /* what it did meanwhile nobody saw */
	set_running(task);
}

static bool try_keep(struct task *task)
{
	uint8_t running = TASK_RUNNING;

	return __atomic_compare_exchange_n(&task->state, &running, TASK_READY, false, __ATOMIC_ACQ_REL,
		__ATOMIC_ACQUIRE);
}

void point_return(void)
{
	struct task *task = task_self();

	task->pending = (struct request){.op = OP_EXTERNAL, .site = self.site};
	queue_again(task);
}

/*
 * As long as there has never been but one task, its locks meet nobody: libraries take them a million times while they
 * start. They go to the models, but are no steps.
 */
static bool is_alone(const struct request *request)
{
	switch (op_info(request->op)->object_kind) {
	case OBJECT_MUTEX: case OBJECT_RWLOCK: case OBJECT_SPIN: case OBJECT_ONCE: case OBJECT_COND: case OBJECT_SEM:
		return control->world.ntasks == 1;
	default:
		return false;
	}
}

/* How a lock that is held was taken. */
static uint16_t hold_op(uint16_t kind, bool shared)
{
	switch (kind) {
	case OBJECT_MUTEX: return OP_MUTEX_LOCK;
	case OBJECT_RWLOCK: return shared ? OP_RWLOCK_RDLOCK : OP_RWLOCK_WRLOCK;
	case OBJECT_SPIN: return OP_SPIN_LOCK;
	case OBJECT_ONCE: return OP_ONCE_BEGIN;
	default: return OP_NONE;
	}
}

/* The task is about to be no longer alone: what it holds is told, so that who reads the trace knows. */
static void tell_holds(const struct task *task)
{
	struct request taken = {0};

	for (uint32_t i = 0; i < task->nholds; i++) {
		const struct hold *hold = &task->holds[i];
		taken.op = hold_op(control->world.objects[hold->object].kind, hold->shared);
		taken.object = hold->object;
		taken.site = hold->site;
		if (taken.op != OP_NONE)
			record_done(task, &taken, 0, 0, true);
	}
}

static void announce(struct task *task, const struct request *request)
{
	uint64_t pcs[STACK_FRAMES];

	point_ensure();
	if (control->world.ntasks == 1 && (request->op == OP_CREATE || request->op == OP_FORK))
		tell_holds(task);
	world_pend(&control->world, task, request);
	task->nops++;
	task->flags &= ~(uint32_t)(TASK_WOKEN | TASK_EXPIRED);
	if (__builtin_expect(task->flags & TASK_QUEUED, 0) && signals_have_left(task->queued.frame))
		suspension_drop(&control->world, task);
	record_announce(task);
	if (control_plan()->flags & PLAN_RICH)
		record_stack(pcs, stack_walk(pcs, STACK_FRAMES));
	DIE_UNLESS(try_keep(task));
}

/* Handlers run in the middle of what the task waits for; then it waits on, at the same place. */
static void wait_on(struct task *task)
{
	uint64_t mask = task->signal_mask;

	tell_suspended(); /* race may have passed the turn on, who records nothing */
	while (task->pending.op == OP_SIGNAL_DELIVER) {
		struct suspension wait = task->suspended;
		if (task->queued.frame == 0)
			task->queued.frame = (uint64_t)(uintptr_t)__builtin_frame_address(0);
		point_done(point_apply(), 0);
		signals_deliver_amid();
		suspension_end(task, &wait);
		announce(task, &wait.request);
		suspension_resume(task, &wait);
		pass_turn(task, wait.wait_order);
	}
	task->signal_mask = mask;
}

/* False: the operation is enabled, and no scheduling point. */
static bool begin(const struct request *request)
{
	struct task *task = task_self();

	if ((request->flags & REQUEST_GUARDED) || is_alone(request)) {
		point_ensure();
		task->pending = *request;
		if (model_enabled(&control->world, task))
			return false;
	}
	announce(task, request);
	pass_turn(task, ++control->world.waits);
	if (__builtin_expect(task->pending.op == OP_SIGNAL_DELIVER, 0))
		wait_on(task);
	return true;
}

void point_announce(const struct request *request)
{
	begin(request);
}

int64_t point_apply(void)
{
	struct world *world = &control->world;
	struct task *task = task_self();
	struct request *request = &task->pending;

	if (op_info(request->op)->flags & ACT_WAKES) {
		uint16_t waiting = request->op == OP_COND_SIGNAL ? OP_COND_WAKE : OP_FUTEX_WAIT;
		uint32_t nwaiters = world_waiters(world, request->object, waiting);
		if (nwaiters > 1 && nwaiters > (uint32_t)request->argument)
			request->pick = point_choose(CHOICE_WAKE, nwaiters, 0);
	}
	int64_t result = model_apply(world, task);
	if (world->misuse) {
		record_fail(FAIL_MISUSE, misuse_text(world->misuse), "", 0, "", request->site);
		world->misuse = MISUSE_NONE;
	}
	return result;
}

void point_done(int64_t result, uint64_t digest)
{
	struct task *task = task_self();

	point_ensure();
	record_done(task, &task->pending, result, digest, task->pending.flags & REQUEST_GUARDED);
}

/* A library's own lock, taken without waiting, tells nothing; how often a cipher asks what is done once the network says. */
static bool is_silent(const struct request *request)
{
	uint8_t kind = op_info(request->op)->object_kind;

	if (kind == OBJECT_ONCE)
		return (request->flags & REQUEST_GUARDED) && module_is_secluded(request->site);
	return (request->flags & REQUEST_GUARDED) && (kind == OBJECT_MUTEX || kind == OBJECT_RWLOCK) &&
		request->op != OP_LIBRARY_LOCK && request->op != OP_LIBRARY_UNLOCK;
}

static int64_t perform(const struct request *request)
{
	bool is_step = begin(request);
	int64_t result = point_apply();

	if (!is_silent(request) && (is_step || !is_alone(request)))
		point_done(result, 0);
	return result;
}

/* A guarded operation happens within another one, which is still to be recorded when it is over. */
static int64_t perform_within(const struct request *request)
{
	struct task *task = task_self();
	struct request outer = task->pending;
	int64_t result = perform(request);

	task->pending = outer;
	return result;
}

int64_t point(const struct request *request)
{
	return request->flags & REQUEST_GUARDED ? perform_within(request) : perform(request);
}

/* What race wants; n when a line of the schedule can't be met. */
static uint32_t ask_value(enum choice_kind kind, uint32_t object, uint32_t n, uint32_t normal)
{
	struct ask *question = &control->ask;

	question->kind = (uint16_t)kind;
	question->task = self.task;
	question->object = object;
	question->n = n;
	question->normal = normal;
	ask(question);
	debugger_pause();
	return question->diverged ? n : question->answer;
}

void point_tell(enum choice_kind kind, uint32_t taken)
{
	if (control_plan()->flags & PLAN_ASK && ask_value(kind, 0, taken + 1, 0) > taken)
		control_end(OUTCOME_DIVERGED);
	record_choice(self.task, (uint16_t)kind, 0, 1, taken, 0);
}

uint32_t point_choose_about(enum choice_kind kind, uint32_t object, uint32_t n, uint32_t normal)
{
	struct world *world = &control->world;
	uint32_t taken = normal;

	if (n < 2)
		return normal;
	if (control_plan()->flags & PLAN_ASK) {
		taken = ask_value(kind, object, n, normal);
	} else {
		taken = turn_choose(world, control_plan(), control_prefix(), (uint16_t)kind, self.task, n, normal);
	}
	if (taken >= n)
		control_end(OUTCOME_DIVERGED);
	world->nchoices++;
	checkpoint_note((struct directive){.form = DIRECTIVE_TAKE, .kind = (uint8_t)kind, .task = self.task, .value = taken});
	world->seen |= SEEN_CHOICE;
	record_choice(self.task, (uint16_t)kind, object, n, taken, normal);
	return taken;
}

uint32_t point_choose(enum choice_kind kind, uint32_t n, uint32_t normal)
{
	return point_choose_about(kind, 0, n, normal);
}

void point_begin(void)
{
	struct task *task = task_self();

	carrier_current()->await(task->id);
	set_running(task);
	int64_t result = model_apply(&control->world, task);
	record_done(task, &task->pending, result, 0, false);
}

/* Hands the turn on for good. False when nobody is left. */
static bool hand_on(uint32_t from)
{
	struct decision decision;

	if (decide(from, &decision)) {
		carrier_current()->give(decision.task);
		return true;
	}
	leave_to_nobody();
	return false;
}

void point_leave(uint32_t id)
{
	struct task *task = &control->world.tasks[id];

	if (id == self.task && task_live() > 1)
		carrier_require_parallel(CARRIER_LOSS_SLEEPS);
	__atomic_store_n(&task->state, TASK_LAPSED, __ATOMIC_SEQ_CST);
	if (id == self.task)
		hand_on(0);
}

void point_exit_task(uint64_t exit_value)
{
	struct world *world = &control->world;
	struct task *task = task_self();
	struct request request = {.op = OP_EXIT, .object = task->object, .site = task->start};

	task->exit_value = exit_value;
	point_announce(&request);
	int64_t result = point_apply();
	record_done(task, &request, result, exit_value < 4096 || exit_value > (uint64_t)-4096 ? exit_value : 4096, false);
	world->processes[task->process].ntasks--;
	__atomic_store_n(&task->state, TASK_ENDED, __ATOMIC_RELEASE);
	self_be(0);
	hand_on(0);
}

bool point_exit_process(int status)
{
	struct world *world = &control->world;
	struct task *task = task_self();
	struct process *process = &world->processes[task->process];
	struct request request = {.op = OP_PROCESS_EXIT, .object = process->object, .argument = (uint32_t)status};

	if (world->ntasks > 1)
		point_announce(&request);
	task->pending = request;
	int64_t result = point_apply();
	record_done(task, &request, result, (uint32_t)status, false);
	if (world->nprocesses > 1)
		channel_leave(); /* now: the kernel would do so at any time after the turn has gone on */
	death_of_process(world, task->process, status);
	self_be(0);
	return hand_on(0);
}
