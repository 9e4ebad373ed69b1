/*
 * The tables of the world: objects, sets, waiters, holds.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

#include "scene.h"

static void test_objects_are_found(void **state)
{
	(void)state;
	struct world *world = scene_open(1);
	uint32_t mutex = world_object_new(world, OBJECT_MUTEX, 1, 0x5000);
	uint32_t cond = world_object_new(world, OBJECT_COND, 1, 0x5000);
	uint32_t other = world_object_new(world, OBJECT_MUTEX, 2, 0x5000);
	assert_int_equal(world_object_find(world, OBJECT_MUTEX, 1, 0x5000), mutex);
	assert_int_equal(world_object_find(world, OBJECT_COND, 1, 0x5000), cond);
	assert_int_equal(world_object_find(world, OBJECT_MUTEX, 2, 0x5000), other);
	assert_int_equal(world_object_find(world, OBJECT_SEM, 1, 0x5000), 0);
	assert_int_equal(world_object_find(world, OBJECT_MUTEX, 1, 0x5040), 0);
}

static void test_destroyed_are_not_found(void **state)
{
	(void)state;
	struct world *world = scene_open(1);
	uint32_t old = world_object_new(world, OBJECT_MUTEX, 1, 0x5000);
	world->objects[old].flags |= OBJECT_DESTROYED;
	assert_int_equal(world_object_find(world, OBJECT_MUTEX, 1, 0x5000), 0);
	uint32_t new = world_object_new(world, OBJECT_MUTEX, 1, 0x5000);
	assert_int_not_equal(old, new);
	assert_int_equal(world_object_find(world, OBJECT_MUTEX, 1, 0x5000), new);
}

/* The last slot is given out, then none; all are found, however their chains look. */
static void test_object_table_fills(void **state)
{
	(void)state;
	struct world *world = scene_open(0);
	uint32_t first = world->nobjects + 1;
	for (uint32_t id = first; id < LIMIT_OBJECTS; id++)
		assert_int_equal(world_object_new(world, OBJECT_SEM, 1, 0x1000ULL * id), id);
	assert_int_equal(world_object_new(world, OBJECT_SEM, 1, 8), 0);
	for (uint32_t id = first; id < LIMIT_OBJECTS; id++)
		assert_int_equal(world_object_find(world, OBJECT_SEM, 1, 0x1000ULL * id), id);
}

/* Nothing of an execution is left, except that generations go on. */
static void test_reset(void **state)
{
	(void)state;
	static const struct world zero;
	struct world *world = scene_open(70);
	uint32_t mutex = world_object_new(world, OBJECT_MUTEX, 1, 0x5000);
	uint32_t generation = world->objects[mutex].generation;
	world->tasks[70].after.words[1] = 1;
	world->fenced.words[1] = 2;
	world->misuse = MISUSE_JOIN_SELF;
	world->hash = world->now_ns = 7;
	world_hold(&world->tasks[3], mutex, false, 1);
	world_reset(world);
	assert_int_equal(world_object_find(world, OBJECT_MUTEX, 1, 0x5000), 0);
	assert_memory_equal(world->tasks, zero.tasks, sizeof(zero.tasks));
	assert_memory_equal(world->processes, zero.processes, sizeof(zero.processes));
	assert_memory_equal(world->object_hash, zero.object_hash, sizeof(zero.object_hash));
	assert_memory_equal(world, &zero, WORLD_HEAD_BYTES);
	assert_int_equal(world->objects[mutex].generation, generation);
	for (uint32_t id = 0; id < LIMIT_OBJECTS; id++)
		world->objects[id].generation = 0;
	assert_memory_equal(world->objects, zero.objects, sizeof(zero.objects));
}

static void test_slot_gets_new_generation(void **state)
{
	(void)state;
	struct world *world = scene_open(1);
	uint32_t id = scene_object(OBJECT_MUTEX);
	uint32_t generation = world->objects[id].generation;
	scene_open(1);
	assert_int_equal(scene_object(OBJECT_MUTEX), id);
	assert_int_not_equal(world->objects[id].generation, generation);
}

static void test_sets(void **state)
{
	(void)state;
	struct world *world = scene_open(200);
	struct task_set set = {0};
	const uint32_t members[] = {1, 63, 64, 65, 128, 200};
	assert_int_equal(world_count(world, &set), 0);
	assert_int_equal(world_nth(world, &set, 0), 0);
	for (int i = 0; i < 6; i++)
		task_set_add(&set, members[i]);
	assert_int_equal(world_count(world, &set), 6);
	for (uint32_t i = 0; i < 6; i++)
		assert_int_equal(world_nth(world, &set, i), members[i]);
	assert_int_equal(world_nth(world, &set, 6), 0);
	task_set_remove(&set, 64);
	assert_false(task_set_has(&set, 64));
	assert_int_equal(world_nth(world, &set, 2), 65);
}

static void test_waiters(void **state)
{
	(void)state;
	struct world *world = scene_open(6);
	uint32_t cond = scene_object(OBJECT_COND), other = scene_object(OBJECT_COND);
	scene_announce(5, OP_COND_WAKE, cond, 0);
	scene_announce(2, OP_COND_WAKE, cond, 0);
	scene_announce(3, OP_COND_WAKE, other, 0);
	scene_announce(4, OP_COND_SIGNAL, cond, 0);
	scene_announce(6, OP_COND_WAKE, cond, 0);
	scene_announce(1, OP_COND_WAKE, cond, 0);
	world->tasks[6].flags |= TASK_WOKEN;
	assert_int_equal(world_waiters(world, cond, OP_COND_WAKE), 3);
	assert_int_equal(world_waiter(world, cond, OP_COND_WAKE, 0), 5);
	assert_int_equal(world_waiter(world, cond, OP_COND_WAKE, 1), 2);
	assert_int_equal(world_waiter(world, cond, OP_COND_WAKE, 2), 1);
	assert_int_equal(world_waiter(world, cond, OP_COND_WAKE, 3), 0);
	world->tasks[2].flags |= TASK_EXPIRED;
	assert_int_equal(world_waiter(world, cond, OP_COND_WAKE, 1), 1);
}

static void test_announce(void **state)
{
	(void)state;
	struct world *world = scene_open(1);
	struct task *task = &world->tasks[1];
	task->flags = TASK_WOKEN | TASK_EXPIRED | TASK_DETACHED | TASK_YIELDED;
	scene_announce(1, OP_YIELD, 0, 3);
	assert_int_equal(task->state, TASK_READY);
	assert_int_equal(task->flags, TASK_DETACHED | TASK_YIELDED);
	assert_int_equal(task->nops, 1);
	assert_int_equal(task->pending.argument, 3);
	uint64_t order = task->wait_order;
	scene_announce(1, OP_YIELD, 0, 3);
	assert_true(task->wait_order > order);
}

static void test_holds(void **state)
{
	(void)state;
	struct world *world = scene_open(1);
	struct task *task = &world->tasks[1];
	for (uint32_t id = 11; id <= 13; id++)
		world_hold(task, id, id == 12, 100 + id);
	world_hold(task, 11, false, 200);
	assert_int_equal(task->nholds, 3);
	assert_int_equal(world_held(task, 11)->count, 2);
	assert_int_equal(world_held(task, 11)->site, 111);
	assert_true(world_held(task, 12)->shared);
	world_release(task, 11);
	assert_non_null(world_held(task, 11));
	world_release(task, 11);
	assert_null(world_held(task, 11));
	/* the others keep their order */
	assert_int_equal(task->holds[0].object, 12);
	assert_int_equal(task->holds[1].object, 13);
	world_release(task, 99);
	assert_int_equal(task->nholds, 2);
	assert_false(task->flags & TASK_HOLDS_LOST);
}

static void test_too_many_holds(void **state)
{
	(void)state;
	struct world *world = scene_open(1);
	struct task *task = &world->tasks[1];
	for (uint32_t id = 1; id <= LIMIT_HOLDS + 1; id++)
		world_hold(task, id, false, 0);
	assert_int_equal(task->nholds, LIMIT_HOLDS);
	assert_true(task->flags & TASK_HOLDS_LOST);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_objects_are_found),
		cmocka_unit_test(test_destroyed_are_not_found),
		cmocka_unit_test(test_object_table_fills),
		cmocka_unit_test(test_reset),
		cmocka_unit_test(test_slot_gets_new_generation),
		cmocka_unit_test(test_sets),
		cmocka_unit_test(test_waiters),
		cmocka_unit_test(test_announce),
		cmocka_unit_test(test_holds),
		cmocka_unit_test(test_too_many_holds),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
