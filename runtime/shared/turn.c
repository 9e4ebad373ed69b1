#include "turn.h"

#include <string.h>

#include "chooser/chooser.h"
#include "conversation.h"
#include "crowd.h"
#include "early.h"
#include "model/model.h"
#include "model/retry.h"
#include "rounds.h"
#include "survey.h"

enum {
	/* Every so many yields of one task the waits that could time out count as sleepers. */
	PATIENCE = 64,
};

static bool is_polite(const struct request *request)
{
	return (op_info(request->op)->flags & ACT_YIELD) && !(request->flags & REQUEST_HOLD);
}

/* Does one that this task must let go first want to go, now or later? */
static bool is_held_back(const struct world *world, const struct task *task, const struct decision *decision)
{
	for (uint32_t i = 0; i < world_words(world); i++)
		if (task->after.words[i] & (decision->enabled.words[i] | decision->waiting.words[i]))
			return true;
	return false;
}

static void hold_back(const struct world *world, struct decision *decision)
{
	uint64_t held[TASK_WORDS];
	if (world->nfenced == 0)
		return;
	for (uint32_t i = 0; i < world_words(world); i++) {
		uint64_t word = world->fenced.words[i] & decision->enabled.words[i];
		for (held[i] = 0; word != 0; word &= word - 1)
			if (is_held_back(world, &world->tasks[i * 64 + (uint32_t)__builtin_ctzll(word)], decision))
				held[i] |= word & -word;
	}
	for (uint32_t i = 0; i < world_words(world); i++)
		decision->enabled.words[i] &= ~held[i];
	decision->nenabled = world_count(world, &decision->enabled);
}

/* Time passes while nobody uses a processor. */
static void rest(struct world *world, uint64_t until_ns)
{
	if (world->now_ns >= until_ns)
		return;
	world->idle_ns += until_ns - world->now_ns;
	world->now_ns = until_ns;
}

/* Waits that end now are marked. */
static void expire(struct world *world)
{
	for (uint32_t id = 1; id <= world->ntasks; id++) {
		struct task *task = &world->tasks[id];
		const struct request *request = &task->pending;
		if (task->state == TASK_READY && (request->flags & REQUEST_TIMED) &&
			request->deadline_ns <= world->now_ns && !model_enabled(world, task))
			task->flags |= TASK_EXPIRED;
	}
}

void turn_pass(struct world *world, uint64_t span_ns)
{
	uint64_t until_ns = world->now_ns + span_ns;
	for (uint32_t id = 1; id <= world->ntasks; id++) {
		const struct task *task = &world->tasks[id];
		const struct request *request = &task->pending;
		if (task->state == TASK_READY && (request->flags & REQUEST_TIMED) && !(task->flags & TASK_EXPIRED) &&
			request->deadline_ns < until_ns && !model_enabled(world, task))
			until_ns = request->deadline_ns;
	}
	if (world->now_ns < until_ns)
		world->now_ns = until_ns;
	expire(world);
}

/* Those who may ask the kernel again do so before time passes; what they find is no matter of time. */
static bool offer_retries(const struct world *world, struct decision *decision)
{
	for (uint32_t id = 1; id <= world->ntasks; id++)
		if (retry_is_due(world, &world->tasks[id]))
			task_set_add(&decision->enabled, id);
	decision->nenabled = world_count(world, &decision->enabled);
	if (decision->nenabled == 0)
		return false;
	memset(&decision->timed, 0, sizeof(decision->timed));
	decision->ntimed = 0;
	memset(&decision->waiting, 0, sizeof(decision->waiting));
	return true;
}

/* One of those whom only somebody else could help waits in the kernel; the next decision comes at once. */
static bool offer_sleep(struct world *world, struct decision *decision)
{
	for (uint32_t id = 1; id <= world->ntasks; id++) {
		if (!retry_may_sleep(world, &world->tasks[id]))
			continue;
		world->tasks[id].flags |= TASK_SLEEPS;
		task_set_add(&decision->enabled, id);
		decision->nenabled++;
		return true;
	}
	return false;
}

/* Whoever asked for that says whose time is up first, the clock does not. */
static bool offer_timeouts(const struct world *world, const struct plan *plan, struct decision *decision)
{
	if (!(plan->flags & PLAN_TIMELESS))
		return false;
	decision->timed = decision->waiting;
	decision->ntimed = world_count(world, &decision->timed);
	return decision->ntimed > 0;
}

/* Fills in the sets; TURN_GO when somebody can go. */
static enum turn_verdict find_alternatives(struct world *world, const struct plan *plan, struct decision *decision)
{
	struct survey survey;
	for (;;) {
		survey_tasks(world, decision, &survey);
		hold_back(world, decision);
		if (decision->nenabled != 0 || offer_retries(world, decision) || offer_timeouts(world, plan, decision))
			break;
		if (conversation_release(world, plan, survey.deadline_ns, survey.sleeps))
			continue;
		if (survey.deadline_ns == UINT64_MAX && offer_sleep(world, decision))
			break;
		if (survey.deadline_ns == UINT64_MAX)
			return survey.lapsed ? TURN_NOBODY : survey.live ? TURN_DEADLOCK : TURN_ENDED;
		rest(world, survey.deadline_ns);
		early_rest(world);
		expire(world);
	}
	decision->nalternatives = decision->nenabled + decision->ntimed;
	return TURN_GO;
}

/* A server starts as it would by itself; what is of interest begins when it can be asked. */
static bool is_calm(const struct world *world, const struct plan *plan)
{
	return (plan->flags & PLAN_CALM) && !world->listened;
}

static const struct chooser *chooser_now(const struct world *world, const struct plan *plan)
{
	return chooser_of(is_calm(world, plan) ? CHOOSER_FIRST : (uint16_t)world->chooser);
}

static void next_directive(struct world *world)
{
	world->cursor++;
	world->run_begun = 0;
}

/* Prefixes name tasks that are yet to come. */
static bool has(const struct world *world, const struct task_set *set, uint32_t task)
{
	return task <= world->ntasks && task_set_has(set, task);
}

/* The directive that is in force, or NULL. Runs that are over are left behind. `decision` may be NULL. */
static const struct directive *in_force(
	struct world *world, const struct plan *plan, const struct directive *prefix, const struct decision *decision)
{
	if (is_calm(world, plan))
		return NULL;
	for (; world->cursor < plan->nprefix; next_directive(world)) {
		const struct directive *directive = &prefix[world->cursor];
		if (directive->form != DIRECTIVE_RUN || directive->task >= LIMIT_TASKS)
			return directive;
		const struct task *task = &world->tasks[directive->task];
		bool stuck = world->run_begun && decision != NULL && !has(world, &decision->enabled, directive->task);
		if (task->state != TASK_ENDED && task->nops <= directive->value && !stuck)
			return directive;
	}
	return NULL;
}

static bool is_alternative(const struct world *world, const struct decision *decision, uint32_t task, bool timeout)
{
	if (task == 0 || task > world->ntasks)
		return false;
	if (!timeout)
		return task_set_has(&decision->enabled, task);
	return task_set_has(&decision->timed, task) ||
		(task_set_has(&decision->enabled, task) && (world->tasks[task].flags & TASK_EXPIRED));
}

/* Does as the directive says, if that is possible. */
static bool obey(const struct world *world, const struct directive *directive, struct decision *decision)
{
	bool timeout = directive->form == DIRECTIVE_TAKE && directive->kind == CHOICE_TIMEOUT;
	if (directive->form == DIRECTIVE_TAKE && directive->kind != CHOICE_TASK && !timeout)
		return false;
	if (!is_alternative(world, decision, directive->task, timeout))
		return false;
	decision->task = directive->task;
	decision->timeout = timeout;
	decision->forced = true;
	return true;
}

static void choose(struct world *world, const struct plan *plan, uint32_t current, struct decision *decision)
{
	if (decision->nalternatives == 1)
		decision->task = world_nth(world, &decision->enabled, 0);
	else
		chooser_now(world, plan)->choose(world, plan, current, decision);
}

/* False: the plan is strict and can't be followed. */
static bool decide(struct world *world, const struct plan *plan, const struct directive *prefix, uint32_t current,
	struct decision *decision)
{
	const struct directive *directive = in_force(world, plan, prefix, decision);
	while (directive != NULL && decision->nalternatives > 1) {
		bool run = directive->form == DIRECTIVE_RUN;
		bool obeyed = obey(world, directive, decision);
		if (!obeyed && (plan->flags & PLAN_STRICT))
			return false;
		if (!obeyed || !run)
			next_directive(world);
		if (obeyed)
			return true;
		/* A run is bound to no choice, so the next directive may fit this one; a take is used up. */
		directive = run ? in_force(world, plan, prefix, decision) : NULL;
	}
	choose(world, plan, current, decision);
	return true;
}

static uint32_t cost_of(const struct world *world, uint32_t current, const struct decision *decision)
{
	if (task_set_has(&decision->timed, decision->task))
		return 1;
	return current != 0 && current != decision->task && task_set_has(&decision->enabled, current) &&
		!(world->tasks[current].flags & TASK_YIELDED);
}

/* This task has had its share; whoever waited for that need not any more. */
static void open_fences(struct world *world, uint32_t id)
{
	if (world->nfenced == 0)
		return;
	for (uint32_t i = 0; i < world_words(world); i++) {
		for (uint64_t word = world->fenced.words[i]; word != 0; word &= word - 1) {
			struct task *task = &world->tasks[i * 64 + (uint32_t)__builtin_ctzll(word)];
			task_set_remove(&task->after, id);
			if (world_nth(world, &task->after, 0) != 0)
				continue;
			task_set_remove(&world->fenced, task->id);
			world->nfenced--;
		}
	}
}

/* Could go since this task's last yield, and was there before, but had no turn. Nobody, when it yields first. */
static bool is_starved(const struct world *world, const struct task *task, const struct task *other)
{
	return other->state != TASK_FREE && other->state != TASK_ENDED && other->first_seen <= task->last_yield + 1 &&
		crowd_last_seen(world, other) > task->last_yield && other->last_step < task->last_yield;
}

static void fence(struct world *world, struct task *task, const struct decision *decision)
{
	bool impatient = task->nyields % PATIENCE == 0;
	for (uint32_t id = 1; id <= world->ntasks; id++) {
		if (id == task->id ||
			(!is_starved(world, task, &world->tasks[id]) && !(impatient && task_set_has(&decision->waiting, id))))
			continue;
		task_set_add(&task->after, id);
		if (task_set_has(&world->fenced, task->id))
			continue;
		task_set_add(&world->fenced, task->id);
		world->nfenced++;
	}
}

static void yield(struct world *world, struct task *task, const struct decision *decision)
{
	task->flags |= TASK_YIELDED;
	task->nyields++;
	world->nyields++;
	fence(world, task, decision);
	task->last_yield = world->nsteps + 1;
}

/* Its wait ends by its time-out while others could go on. */
static void time_out(struct world *world, struct task *task)
{
	uint64_t before_ns = world->now_ns;
	rest(world, task->pending.deadline_ns);
	early_take(world, task, world->now_ns - before_ns);
	task->flags |= TASK_EXPIRED;
}

/* The decision is made: the task takes its turn. */
static void commit(struct world *world, const struct plan *plan, uint32_t current, struct decision *decision)
{
	struct task *task = &world->tasks[decision->task];
	const struct chooser *chooser = chooser_now(world, plan);
	crowd_leave(world, task);
	decision->cost = cost_of(world, current, decision);
	decision->timeout |= (task->flags & TASK_EXPIRED) && decision->nalternatives == 1;
	if (task_set_has(&decision->timed, decision->task))
		time_out(world, task);
	else if (task->nearly > 0)
		early_end(task);
	if (chooser->step != NULL)
		chooser->step(world, task);
	world->ncalm += is_calm(world, plan);
	world->listened |= task->pending.op == OP_LISTEN;
	open_fences(world, task->id);
	rounds_note(world, task);
	task->last_step = world->nsteps + 1;
	task->flags &= ~(uint32_t)TASK_YIELDED;
	if (!(op_info(task->pending.op)->flags & ACT_RETRY))
		world->progress++;
	if (is_polite(&task->pending))
		yield(world, task, decision);
	else
		world->nyields = 0;
}

enum turn_verdict turn_next(struct world *world, const struct plan *plan, const struct directive *prefix,
	uint32_t current, struct decision *decision)
{
	if (plan->flags & PLAN_ASK) /* the explorer sees all of it */
		memset(decision, 0, sizeof(*decision));
	enum turn_verdict verdict = find_alternatives(world, plan, decision);
	if (verdict != TURN_GO)
		return verdict;
	if (world->nsteps >= plan->max_steps || turn_is_livelock(world))
		return TURN_LIMIT;
	if (plan->flags & PLAN_ASK) {
		choose(world, plan, current, decision);
		return TURN_ASK;
	}
	if (!decide(world, plan, prefix, current, decision))
		return TURN_DIVERGED;
	const struct directive *directive = world->cursor < plan->nprefix ? &prefix[world->cursor] : NULL;
	if (directive != NULL && directive->form == DIRECTIVE_RUN && directive->task == decision->task)
		world->run_begun = 1;
	commit(world, plan, current, decision);
	return TURN_GO;
}

/* The explorer may know that a time-out came early, whatever early.h says. */
static void offer_early(struct decision *decision, uint32_t task)
{
	if (task >= LIMIT_TASKS || !task_set_has(&decision->waiting, task) || task_set_has(&decision->timed, task))
		return;
	task_set_add(&decision->timed, task);
	decision->ntimed++;
	decision->nalternatives++;
}

bool turn_take(struct world *world, const struct plan *plan, uint32_t current, uint32_t task, bool timeout,
	struct decision *decision)
{
	if (timeout)
		offer_early(decision, task);
	if (!is_alternative(world, decision, task, timeout))
		return false;
	decision->task = task;
	decision->timeout = timeout;
	decision->forced = decision->nalternatives > 1;
	commit(world, plan, current, decision);
	return true;
}

uint32_t turn_choose(struct world *world, const struct plan *plan, const struct directive *prefix, uint16_t kind,
	uint32_t task, uint32_t n, uint32_t normal)
{
	(void)task;
	if (n < 2)
		return 0;
	const struct directive *directive = in_force(world, plan, prefix, NULL);
	if (directive != NULL && directive->form == DIRECTIVE_TAKE) {
		bool met = directive->kind == kind && directive->value < n;
		if (!met && (plan->flags & PLAN_STRICT))
			return n;
		next_directive(world);
		if (met)
			return directive->value;
	}
	const struct chooser *chooser = chooser_now(world, plan);
	return chooser->value != NULL ? chooser->value(world, plan, kind, n, normal) : normal;
}

void turn_open(struct world *world, const struct plan *plan)
{
	world->chooser = plan->chooser;
	world->random = plan->choices ? plan->choices : plan->seed;
	const struct chooser *chooser = chooser_of(plan->chooser);
	if (chooser->open != NULL)
		chooser->open(world, plan);
}

void turn_resume(struct world *world, const struct plan *plan, const struct directive *prefix)
{
	const struct chooser *chooser = chooser_of(plan->chooser);
	uint32_t nsteps = world->nsteps;
	turn_open(world, plan);
	for (world->nsteps = 0; world->nsteps < nsteps; world->nsteps++)
		if (chooser->step != NULL)
			chooser->step(world, &world->tasks[1]);
	const struct directive *directive = in_force(world, plan, prefix, NULL);
	if (directive != NULL && directive->form == DIRECTIVE_RUN && directive->task == 1)
		world->run_begun = nsteps > 0;
}
