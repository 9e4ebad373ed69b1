/*
 * Crowds: in long random histories of locks, signals, cancellations and deaths those who may go on are the ones of whom
 * the models say so when they are asked one by one, and what is remembered of each is what was seen of it.
 */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "scene.h"
#include "shared/crowd.h"
#include "shared/death.h"
#include "shared/model/model.h"
#include "shared/post.h"
#include "shared/turn.h"

enum { TASKS = 150, OBJECTS = 12, STEPS = 4000, HISTORIES = 40 };

static const struct {
	uint16_t kind, flags, take, give;
} kinds[] = {
	{OBJECT_MUTEX, 0, OP_MUTEX_LOCK, OP_MUTEX_UNLOCK},
	{OBJECT_MUTEX, OBJECT_RECURSIVE, OP_MUTEX_LOCK, OP_MUTEX_UNLOCK},
	{OBJECT_MUTEX, OBJECT_ROBUST, OP_LIBRARY_LOCK, OP_LIBRARY_UNLOCK},
	{OBJECT_SEM, 0, OP_SEM_WAIT, OP_SEM_POST},
	{OBJECT_SPIN, 0, OP_SPIN_LOCK, OP_SPIN_UNLOCK},
};

static uint32_t objects[OBJECTS], last_seen[TASKS + 1];
static uint64_t state;
static uint64_t nsteps, ncrowded; /* of all histories: for how many there were two crowds or more */

static uint32_t draw(uint32_t n)
{
	state = state * 6364136223846793005ULL + 1442695040888963407ULL;
	return (uint32_t)(state >> 33) % n;
}

static void open_history(uint64_t seed)
{
	struct world *world = scene_open(TASKS);
	state = seed;
	for (uint32_t i = 0; i < OBJECTS; i++) {
		objects[i] = scene_object(kinds[i % 5].kind);
		world->objects[objects[i]].flags = kinds[i % 5].flags;
		world->objects[objects[i]].count = kinds[i % 5].kind == OBJECT_SEM;
	}
	for (uint32_t id = 1; id <= TASKS; id++) {
		last_seen[id] = 0;
		scene_announce(id, OP_YIELD, 0, 0);
	}
}

static uint32_t index_of(uint32_t object)
{
	uint32_t i = 0;
	while (objects[i] != object)
		i++;
	return i;
}

/* Takes the first three objects mostly, and in their order; what it took last it gives back first. */
static struct request next_request(const struct task *task)
{
	uint32_t i = draw(2) ? draw(3) : draw(OBJECTS), last = task->nholds;
	uint32_t held = last > 0 ? index_of(task->holds[last - 1].object) : 0;
	if (draw(40) == 0)
		return (struct request){.op = OP_CANCEL, .object = scene_world()->tasks[1 + draw(TASKS)].object};
	if (last > 0 && (i <= held || draw(2)))
		return (struct request){.op = kinds[held % 5].give, .object = objects[held]};
	return (struct request){.op = kinds[i % 5].kind == OBJECT_SEM && (last > 0 || draw(2)) ? OP_SEM_POST : kinds[i % 5].take,
		.object = objects[i], .flags = draw(2) ? REQUEST_INTERRUPT | REQUEST_CANCEL : 0};
}

static void announce(struct task *task)
{
	scene_request(task->id, next_request(task));
}

/* As a handler does that knows nothing of whose turn it is. */
static void strike(struct world *world, struct task *task)
{
	task->signals |= post_bit(SIGUSR2);
	world->struck = 1;
}

static void happen(struct world *world, struct task *task)
{
	uint32_t what = draw(2000);
	if (what < 50)
		post_task(world, task, SIGUSR1);
	else if (what < 60)
		crowd_disband(world);
	else if (what < 65)
		strike(world, task);
	else if (what < 75 && task->nholds == 0)
		death_of_task(world, task);
}

static void expect_all_seen(const struct world *world, const struct decision *decision)
{
	uint32_t n = 0;
	for (uint32_t id = 1; id <= TASKS; id++) {
		const struct task *task = &world->tasks[id];
		bool enabled = task->state == TASK_READY && model_enabled(world, task);
		assert_int_equal(task_set_has(&decision->enabled, id), enabled);
		n += enabled;
		if (enabled)
			last_seen[id] = world->nsteps + 1;
		assert_int_equal(crowd_last_seen(world, task), last_seen[id]);
	}
	assert_int_equal(decision->nenabled, n);
	ncrowded += world->ncrowds > 1;
	nsteps++;
}

static void go(struct world *world, struct task *task)
{
	task->state = TASK_RUNNING;
	model_apply(world, task);
	if (task->pending.op == OP_SIGNAL_DELIVER)
		task->signals = 0;
	world->nsteps++;
	announce(task);
}

static void run_history(uint64_t seed)
{
	struct plan plan = {.chooser = CHOOSER_RANDOM, .seed = seed, .max_steps = 2 * STEPS};
	struct decision decision;
	struct world *world = scene_world();
	uint32_t current = 0;
	open_history(seed);
	turn_open(world, &plan);
	for (uint32_t i = 0; i < STEPS; i++) {
		if (turn_next(world, &plan, NULL, current, &decision) != TURN_GO)
			return;
		expect_all_seen(world, &decision);
		current = decision.task;
		go(world, &world->tasks[current]);
		happen(world, &world->tasks[1 + draw(TASKS)]);
	}
}

static void test_histories(void **unused)
{
	(void)unused;
	for (uint64_t seed = 1; seed <= HISTORIES; seed++)
		run_history(seed);
	assert_true(nsteps > HISTORIES * STEPS / 2);
	assert_true(ncrowded > nsteps / 4);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_histories)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
