#include "proxy.h"

#include <signal.h>
#include <string.h>

#include "block.h"
#include "shared/death.h"
#include "shared/leftover.h"
#include "shared/model/retry.h"
#include "shared/post.h"
#include "shared/trace.h"
#include "shared/turn.h"

/* Appends a record as the target would; the hash is left alone: it covers what tasks did. */
static void *append(struct control *control, uint16_t kind, uint32_t task, size_t nbytes)
{
	struct world *world = &control->world;
	const struct slot *slot = &control->slots[control->current_slot % CONTROL_SLOTS];
	size_t rounded = (nbytes + 7) & ~(size_t)7;

	if (world->trace_bytes + rounded > slot->trace_limit)
		return NULL;
	struct record *record = (struct record *)((char *)control + slot->trace_offset + world->trace_bytes);
	memset(record, 0, rounded);
	record->kind = kind;
	record->task = (uint16_t)task;
	record->nbytes = (uint32_t)rounded;
	world->trace_bytes += rounded;
	return record;
}

static void record_step(struct control *control, const struct decision *decision)
{
	uint32_t nwords = decision->nalternatives > 1 ? (control->world.ntasks + 64) / 64 : 0;
	struct record_step *record = append(control, RECORD_STEP, decision->task, sizeof *record + 16ul * nwords);

	if (!record)
		return;
	record->flags = decision->timeout ? STEP_TIMEOUT : 0;
	record->nalternatives = decision->nalternatives;
	record->now_ns = control->world.now_ns;
	record->nwords = nwords;
	memcpy(record->sets, decision->enabled.words, 8ul * nwords);
	memcpy(record->sets + nwords, decision->timed.words, 8ul * nwords);
}

/* What ends its process is the kernel's to do: its death is met like any other. */
static void fire(struct world *world, struct task *timer)
{
	int number = (int)timer->start;

	if (post_ends(world, timer->process, number))
		kill(world->processes[timer->process].pid, number);
	post_timer(world, timer);
}

static void give(struct control *control, const struct decision *decision)
{
	struct world *world = &control->world;
	bool is_timer = world->tasks[decision->task].flags & TASK_TIMER;

	world->nsteps++;
	world->npreemptions += decision->cost;
	if (decision->nalternatives > 1)
		world->nchoices++;
	record_step(control, decision);
	if (is_timer) {
		fire(world, &world->tasks[decision->task]);
		return;
	}
	__atomic_store_n(&world->running, decision->task, __ATOMIC_SEQ_CST);
	uint32_t *word = world_turn_word(world, decision->task);
	__atomic_store_n(word, 1, __ATOMIC_SEQ_CST);
	block_wake(word);
}

/* Those who outlived the main process don't go on any more. */
static enum proxy_verdict stick(struct control *control)
{
	__atomic_store_n(&control->world.running, 0, __ATOMIC_SEQ_CST);
	__atomic_or_fetch(&control->attention, ATTENTION_STUCK, __ATOMIC_RELEASE);
	return PROXY_PASSED;
}

enum proxy_verdict proxy_pass(struct control *control)
{
	const struct slot *slot = &control->slots[control->current_slot % CONTROL_SLOTS];
	const struct directive *prefix = (const struct directive *)((const char *)control + slot->prefix_offset);
	struct plan plan = slot->plan;
	struct world *world = &control->world;
	struct decision decision;

	if (leftover_is_over(world))
		return stick(control);
	plan.flags &= (uint16_t)~PLAN_ASK; /* nobody to ask: we are the one */
	switch (turn_next(world, &plan, prefix, 0, &decision)) {
	case TURN_GO:
		give(control, &decision);
		return world->tasks[decision.task].flags & TASK_TIMER ? proxy_pass(control) : PROXY_PASSED;
	case TURN_NOBODY:
		__atomic_store_n(&world->running, 0, __ATOMIC_SEQ_CST);
		return PROXY_PASSED;
	case TURN_DEADLOCK:
		if (leftover_is_idle(world))
			return stick(control);
		world->outcome = world->seen & SEEN_FOREIGN ? OUTCOME_REFUSED : OUTCOME_DEADLOCK;
		control->obstacle.kind = world->seen & SEEN_FOREIGN ? OBSTACLE_FOREIGN : OBSTACLE_NONE;
		return PROXY_NOBODY;
	case TURN_DIVERGED:
		world->outcome = OUTCOME_DIVERGED;
		return PROXY_NOBODY;
	case TURN_LIMIT:
		if (world->outcome == OUTCOME_NONE)
			world->outcome = OUTCOME_LIMIT;
		return PROXY_NOBODY;
	default:
		return PROXY_NOBODY;
	}
}

void proxy_note(struct control *control, uint32_t task, enum uncontrolled reason, uint64_t site, const char *text)
{
	size_t ntext = strlen(text) + 1;
	struct record_uncontrolled *record = append(control, RECORD_UNCONTROLLED, task, sizeof *record + ntext);

	control->world.uncontrolled |= 1u << reason;
	if (!record)
		return;
	record->reason = reason;
	record->site = site;
	memcpy(record->text, text, ntext);
}

enum proxy_verdict proxy_lapse(struct control *control, uint32_t task, enum uncontrolled reason, uint64_t site)
{
	const struct process *process = &control->world.processes[control->world.tasks[task].process];
	uint8_t running = TASK_RUNNING;

	if (process->fibers && process->ntasks > 1) {
		control->carrier_loss = reason == UNCONTROLLED_SPIN ? CARRIER_LOSS_SPINS : CARRIER_LOSS_SLEEPS;
		return PROXY_NOBODY;
	}
	if (!__atomic_compare_exchange_n(&control->world.tasks[task].state, &running, TASK_LAPSED, false,
			__ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST))
		return PROXY_LATE;
	proxy_note(control, task, reason, site, "");
	return proxy_pass(control);
}

enum proxy_verdict proxy_task_died(struct control *control, uint32_t id)
{
	struct world *world = &control->world;
	struct task *task = &world->tasks[id];
	bool had_turn = world->running == id || world->running == 0;

	death_of_task(world, task);
	retry_all(world);
	if (world->processes[task->process].ntasks > 0)
		world->processes[task->process].ntasks--;
	return had_turn ? proxy_pass(control) : PROXY_PASSED;
}

enum proxy_verdict proxy_died(struct control *control, uint32_t index, int status)
{
	struct world *world = &control->world;
	bool had_turn = world->running == 0 || world->tasks[world->running].process == index;

	death_of_process(world, index, status);
	retry_all(world);
	return had_turn ? proxy_pass(control) : PROXY_PASSED;
}
