/*
 * One unit after another, in the order of the plan; no preemption. A unit of the plan is a marked stretch (task.unit,
 * and whoever is about to begin it) or a task with all that descend from it.
 *
 * A unit that sleeps is not left for the next one: its time passes, as if nobody else were there. Only one that sleeps
 * again and again must be waiting for others; they go on then.
 *
 * First goes the harness: the first task, those that started units of the plan and, once marks have been met, all who
 * work for none. Then the units in order, then what the plan doesn't know, in order of creation, children right after
 * their parents. Without any order that is all there is: the units as the program itself starts them.
 */
#include "chooser.h"

/* Sleeps of a task that are cut short so that its unit stays in one piece. */
enum { SLEEPS_CUT = 100 };

/* Lower half of task.priority, found out when a task is first met; the upper half counts the sleeps cut short: */
enum kin {
	KIN_UNKNOWN,
	KIN_NONE,    /* belongs to no unit of the plan */
	KIN_HARNESS, /* a unit of the plan descends from it */
	KIN_UNIT,    /* + the unit's place in the order */
};

static uint32_t kin_of(const struct task *task)
{
	return (uint32_t)task->priority;
}

static uint32_t norder_of(const struct plan *plan)
{
	return plan->norder < LIMIT_UNITS ? plan->norder : LIMIT_UNITS;
}

/* norder when it is none of them. */
static uint32_t place_of(const struct plan *plan, uint64_t identity)
{
	uint32_t place = 0;
	while (place < norder_of(plan) && plan->order[place] != identity)
		place++;
	return place;
}

/* Parents are met before their children, which have higher numbers. */
static void meet(struct world *world, const struct plan *plan, struct task *task)
{
	uint32_t place = place_of(plan, task->identity);
	uint32_t inherited = kin_of(&world->tasks[task->parent]);
	task->priority = inherited >= KIN_UNIT ? inherited : KIN_NONE;
	if (place == norder_of(plan) || inherited >= KIN_UNIT)
		return;
	task->priority = KIN_UNIT + place;
	for (uint32_t id = task->parent; id != 0; id = world->tasks[id].parent)
		world->tasks[id].priority = (world->tasks[id].priority & ~0xffffffffULL) | KIN_HARNESS;
}

static uint64_t mark_of(const struct task *task)
{
	if (task->unit != 0)
		return task->unit;
	return task->pending.op == OP_UNIT_BEGIN ? task->pending.argument : 0;
}

/* Meets everybody; have marks been met, too? */
static bool look_around(struct world *world, const struct plan *plan)
{
	bool marks = false;
	for (uint32_t id = 1; id <= world->ntasks; id++) {
		struct task *task = &world->tasks[id];
		if (kin_of(task) == KIN_UNKNOWN)
			meet(world, plan, task);
		marks |= task->state == TASK_READY && mark_of(task) != 0;
	}
	return marks;
}

/* 0 the harness, 1 + place, norder + 1 what the plan doesn't know. */
static uint32_t rank_of(const struct plan *plan, const struct task *task, bool marks)
{
	uint64_t mark = mark_of(task);
	if (mark != 0)
		return 1 + place_of(plan, mark);
	if (task->id == 1 || kin_of(task) == KIN_HARNESS)
		return 0;
	if (kin_of(task) >= KIN_UNIT)
		return 1 + kin_of(task) - KIN_UNIT;
	return marks ? 0 : 1 + norder_of(plan);
}

/* Pre-order of the tree of tasks: climbs from the later one until the two are one, or brothers. */
static bool is_born_before(const struct world *world, uint32_t left, uint32_t right)
{
	uint32_t a = left, b = right;
	while (world->tasks[a].parent != world->tasks[b].parent) {
		if (a > b)
			a = world->tasks[a].parent;
		else
			b = world->tasks[b].parent;
		if (a == b)
			return left < right;
	}
	return a < b;
}

struct candidate {
	uint32_t id, rank;
	bool yielded;
	bool sleeps;
};

static bool goes_before(const struct world *world, const struct candidate *left, const struct candidate *right,
	uint32_t current, uint32_t unknown)
{
	if (left->rank != right->rank)
		return left->rank < right->rank;
	if (left->yielded != right->yielded)
		return right->yielded;
	if (left->rank != unknown && left->sleeps != right->sleeps)
		return right->sleeps;
	if (left->rank == unknown)
		return is_born_before(world, left->id, right->id);
	if (left->id == current || right->id == current)
		return left->id == current;
	return left->id < right->id;
}

/*
 * Does the task sleep, and is that a matter of its own unit? The harness sleeps to let the units work. A timer is nobody
 * who sleeps: it rings when its time has come.
 */
static bool is_cut_short(const struct task *task, const struct decision *decision, uint32_t rank)
{
	return rank > 0 && !(task->flags & TASK_TIMER) && task_set_has(&decision->timed, task->id) && (task->pending.flags & REQUEST_HOLD) &&
		task->priority >> 32 < SLEEPS_CUT;
}

static void choose(struct world *world, const struct plan *plan, uint32_t current, struct decision *decision)
{
	struct candidate best = {0};
	bool marks = look_around(world, plan);
	for (uint32_t id = 1; id <= world->ntasks; id++) {
		const struct task *task = &world->tasks[id];
		uint32_t rank = rank_of(plan, task, marks);
		bool enabled = task_set_has(&decision->enabled, id);
		if (!enabled && !is_cut_short(task, decision, rank))
			continue;
		struct candidate candidate = {id, rank, task->flags & TASK_YIELDED, !enabled};
		if (best.id == 0 || goes_before(world, &candidate, &best, current, 1 + norder_of(plan)))
			best = candidate;
	}
	decision->task = best.id;
	decision->timeout = best.sleeps;
	if (best.sleeps)
		world->tasks[best.id].priority += 1ULL << 32;
}

const struct chooser chooser_serial = {.choose = choose};
