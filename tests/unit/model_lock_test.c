/*
 * Mutexes, spin locks and reader-writer locks, against tables of what glibc does.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "scene.h"
#include "shared/model/model.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

enum { NORMAL = 0, RECURSIVE = OBJECT_RECURSIVE, CHECK = OBJECT_ERRORCHECK, ROBUST = OBJECT_ROBUST, BLOCKS = -1 };

struct row {
	uint16_t flags;
	uint16_t owner, count; /* before */
	uint16_t op;
	int64_t result; /* of task 1, or BLOCKS */
	uint16_t owner_after, count_after;
	enum misuse misuse;
};

/* Task 1 acts; the lock is free, its own, or task 2's. */
static const struct row mutex_rows[] = {
	{NORMAL, 0, 0, OP_MUTEX_LOCK, 0, 1, 1, 0},
	{NORMAL, 2, 1, OP_MUTEX_LOCK, BLOCKS, 2, 1, 0},
	{NORMAL, 1, 1, OP_MUTEX_LOCK, BLOCKS, 1, 1, 0},
	{NORMAL, 1, 1, OP_MUTEX_TIMEDLOCK, BLOCKS, 1, 1, 0},
	{NORMAL, 0, 0, OP_MUTEX_TRYLOCK, 0, 1, 1, 0},
	{NORMAL, 2, 1, OP_MUTEX_TRYLOCK, EBUSY, 2, 1, 0},
	{NORMAL, 1, 1, OP_MUTEX_TRYLOCK, EBUSY, 1, 1, 0},
	{NORMAL, 1, 1, OP_MUTEX_UNLOCK, 0, 0, 0, 0},
	{NORMAL, 0, 0, OP_MUTEX_UNLOCK, 0, 0, 0, MISUSE_UNLOCK_UNLOCKED},
	{NORMAL, 2, 1, OP_MUTEX_UNLOCK, 0, 0, 0, MISUSE_UNLOCK_NOT_OWNER},
	{NORMAL, 0, 0, OP_MUTEX_CONSISTENT, EINVAL, 0, 0, 0},
	{NORMAL, 0, 0, OP_MUTEX_DESTROY, 0, 0, 0, 0},
	{NORMAL, 2, 1, OP_MUTEX_DESTROY, EBUSY, 2, 1, MISUSE_DESTROY_LOCKED},
	{RECURSIVE, 1, 1, OP_MUTEX_LOCK, 0, 1, 2, 0},
	{RECURSIVE, 1, 2, OP_MUTEX_TIMEDLOCK, 0, 1, 3, 0},
	{RECURSIVE, 1, 1, OP_MUTEX_TRYLOCK, 0, 1, 2, 0},
	{RECURSIVE, 2, 1, OP_MUTEX_LOCK, BLOCKS, 2, 1, 0},
	{RECURSIVE, 1, 2, OP_MUTEX_UNLOCK, 0, 1, 1, 0},
	{RECURSIVE, 2, 1, OP_MUTEX_UNLOCK, EPERM, 2, 1, 0},
	{RECURSIVE, 0, 0, OP_MUTEX_UNLOCK, EPERM, 0, 0, 0},
	{CHECK, 1, 1, OP_MUTEX_LOCK, EDEADLK, 1, 1, 0},
	{CHECK, 1, 1, OP_MUTEX_TIMEDLOCK, EDEADLK, 1, 1, 0},
	{CHECK, 1, 1, OP_MUTEX_TRYLOCK, EBUSY, 1, 1, 0},
	{CHECK | ROBUST, 1, 1, OP_MUTEX_TRYLOCK, EDEADLK, 1, 1, 0},
	{CHECK, 2, 1, OP_MUTEX_LOCK, BLOCKS, 2, 1, 0},
	{CHECK, 2, 1, OP_MUTEX_UNLOCK, EPERM, 2, 1, 0},
	{CHECK, 0, 0, OP_MUTEX_UNLOCK, EPERM, 0, 0, 0},
	{ROBUST, 2, 1, OP_MUTEX_UNLOCK, EPERM, 2, 1, 0},
	{ROBUST | OBJECT_OWNER_DIED, 0, 0, OP_MUTEX_LOCK, EOWNERDEAD, 1, 1, 0},
	{ROBUST | OBJECT_OWNER_DIED, 0, 0, OP_MUTEX_TRYLOCK, EOWNERDEAD, 1, 1, 0},
	{ROBUST | OBJECT_INCONSISTENT, 1, 1, OP_MUTEX_CONSISTENT, 0, 1, 1, 0},
	{ROBUST | OBJECT_INCONSISTENT, 2, 1, OP_MUTEX_CONSISTENT, EINVAL, 2, 1, 0},
	{ROBUST | OBJECT_UNRECOVERABLE, 0, 0, OP_MUTEX_LOCK, ENOTRECOVERABLE, 0, 0, 0},
	{ROBUST | OBJECT_UNRECOVERABLE, 0, 0, OP_MUTEX_TRYLOCK, ENOTRECOVERABLE, 0, 0, 0},
	{RECURSIVE, 1, 1, OP_LIBRARY_LOCK, 0, 1, 2, 0},
	{RECURSIVE, 2, 1, OP_LIBRARY_LOCK, BLOCKS, 2, 1, 0},
	{RECURSIVE, 1, 1, OP_LIBRARY_UNLOCK, 0, 0, 0, 0},
};

static const struct row spin_rows[] = {
	{0, 0, 0, OP_SPIN_LOCK, 0, 1, 0, 0},
	{0, 2, 0, OP_SPIN_LOCK, BLOCKS, 2, 0, 0},
	{0, 1, 0, OP_SPIN_LOCK, BLOCKS, 1, 0, 0},
	{0, 2, 0, OP_SPIN_TRYLOCK, EBUSY, 2, 0, 0},
	{0, 0, 0, OP_SPIN_TRYLOCK, 0, 1, 0, 0},
	{0, 1, 0, OP_SPIN_UNLOCK, 0, 0, 0, 0},
	{0, 2, 0, OP_SPIN_UNLOCK, 0, 0, 0, MISUSE_UNLOCK_NOT_OWNER},
	{0, 0, 0, OP_SPIN_UNLOCK, 0, 0, 0, MISUSE_UNLOCK_UNLOCKED},
};

/* count: readers, of whom task 2 is all. */
static const struct row rwlock_rows[] = {
	{0, 0, 0, OP_RWLOCK_RDLOCK, 0, 0, 1, 0},
	{0, 0, 1, OP_RWLOCK_RDLOCK, 0, 0, 2, 0},
	{0, 2, 0, OP_RWLOCK_RDLOCK, BLOCKS, 2, 0, 0},
	{0, 2, 0, OP_RWLOCK_TIMEDRDLOCK, BLOCKS, 2, 0, 0},
	{0, 2, 0, OP_RWLOCK_TRYRDLOCK, EBUSY, 2, 0, 0},
	{0, 0, 1, OP_RWLOCK_TRYRDLOCK, 0, 0, 2, 0},
	{0, 1, 0, OP_RWLOCK_RDLOCK, EDEADLK, 1, 0, 0},
	{0, 1, 0, OP_RWLOCK_TRYRDLOCK, EBUSY, 1, 0, 0},
	{0, 0, 0, OP_RWLOCK_WRLOCK, 0, 1, 0, 0},
	{0, 0, 1, OP_RWLOCK_WRLOCK, BLOCKS, 0, 1, 0},
	{0, 2, 0, OP_RWLOCK_WRLOCK, BLOCKS, 2, 0, 0},
	{0, 1, 0, OP_RWLOCK_WRLOCK, EDEADLK, 1, 0, 0},
	{0, 0, 1, OP_RWLOCK_TIMEDWRLOCK, BLOCKS, 0, 1, 0},
	{0, 0, 1, OP_RWLOCK_TRYWRLOCK, EBUSY, 0, 1, 0},
	{0, 1, 0, OP_RWLOCK_TRYWRLOCK, EBUSY, 1, 0, 0},
	{0, 1, 0, OP_RWLOCK_UNLOCK, 0, 0, 0, 0},
	{0, 2, 0, OP_RWLOCK_UNLOCK, 0, 0, 0, MISUSE_UNLOCK_NOT_OWNER},
	{0, 0, 1, OP_RWLOCK_UNLOCK, 0, 0, 0, MISUSE_UNLOCK_NOT_OWNER},
	{0, 0, 0, OP_RWLOCK_UNLOCK, 0, 0, 0, MISUSE_UNLOCK_UNLOCKED},
	{0, 2, 0, OP_RWLOCK_DESTROY, 0, 2, 0, MISUSE_DESTROY_LOCKED},
};

static void check_row(const struct row *row, uint16_t kind)
{
	struct world *world = scene_open(2);
	uint32_t id = scene_object(kind);
	struct object *lock = &world->objects[id];
	lock->flags = row->flags;
	lock->owner = row->owner;
	lock->count = row->count;
	for (uint32_t i = 0; i < (row->count > 0 ? row->count : 1u); i++)
		if (row->owner != 0)
			world_hold(&world->tasks[row->owner], id, false, 0);
		else if (row->count > 0)
			world_hold(&world->tasks[2], id, true, 0);
	scene_announce(1, row->op, id, 0);
	if (row->result == BLOCKS)
		assert_false(scene_enabled(1));
	else
		assert_int_equal(scene_go(1), row->result);
	assert_int_equal(lock->owner, row->owner_after);
	assert_int_equal(lock->count, row->count_after);
	assert_int_equal(world->misuse, row->misuse);
	/* holds say the same as the lock */
	const struct hold *mine = world_held(&world->tasks[1], id);
	const struct hold *other = world_held(&world->tasks[2], id);
	uint32_t nshared = mine != NULL && mine->shared ? mine->count : 0;
	nshared += other != NULL && other->shared ? other->count : 0;
	assert_int_equal(mine != NULL && !mine->shared, lock->owner == 1);
	assert_int_equal(other != NULL && !other->shared, lock->owner == 2);
	if (kind == OBJECT_RWLOCK)
		assert_int_equal(nshared, lock->count);
	else if (kind == OBJECT_MUTEX && mine != NULL)
		assert_int_equal(mine->count, lock->count);
}

static void check_rows(const struct row *rows, size_t nrows, uint16_t kind)
{
	for (size_t i = 0; i < nrows; i++) {
		print_message("row %zu: %s\n", i, op_info(rows[i].op)->text);
		check_row(&rows[i], kind);
	}
}

static void test_mutex_rows(void **state)
{
	(void)state;
	check_rows(mutex_rows, COUNT(mutex_rows), OBJECT_MUTEX);
}

static void test_spin_rows(void **state)
{
	(void)state;
	check_rows(spin_rows, COUNT(spin_rows), OBJECT_SPIN);
}

static void test_rwlock_rows(void **state)
{
	(void)state;
	check_rows(rwlock_rows, COUNT(rwlock_rows), OBJECT_RWLOCK);
}

/* EOWNERDEAD, and after it either consistent or lost for good. */
static void test_robust_owner_dies(void **state)
{
	(void)state;
	for (int repaired = 0; repaired < 2; repaired++) {
		struct world *world = scene_open(3);
		uint32_t id = scene_object(OBJECT_MUTEX);
		world->objects[id].flags = OBJECT_ROBUST;
		assert_int_equal(scene_do(1, OP_MUTEX_LOCK, id, 0), 0);
		assert_false(scene_try(2, OP_MUTEX_LOCK, id, 0));
		assert_int_equal(scene_do(1, OP_EXIT, world->tasks[1].object, 0), 0);
		assert_int_equal(world->tasks[1].nholds, 0);
		assert_int_equal(scene_go(2), EOWNERDEAD);
		if (repaired)
			assert_int_equal(scene_do(2, OP_MUTEX_CONSISTENT, id, 0), 0);
		assert_int_equal(scene_do(2, OP_MUTEX_UNLOCK, id, 0), 0);
		assert_int_equal(scene_do(3, OP_MUTEX_LOCK, id, 0), repaired ? 0 : ENOTRECOVERABLE);
	}
}

/* It may happen again before anybody has repaired it. */
static void test_robust_second_owner_dies(void **state)
{
	(void)state;
	struct world *world = scene_open(3);
	uint32_t id = scene_object(OBJECT_MUTEX);
	world->objects[id].flags = OBJECT_ROBUST;
	scene_do(1, OP_MUTEX_LOCK, id, 0);
	model_task_died(world, &world->tasks[1]);
	assert_int_equal(scene_do(2, OP_MUTEX_LOCK, id, 0), EOWNERDEAD);
	model_task_died(world, &world->tasks[2]);
	assert_int_equal(scene_do(3, OP_MUTEX_LOCK, id, 0), EOWNERDEAD);
}

static void test_normal_owner_dies(void **state)
{
	(void)state;
	struct world *world = scene_open(2);
	uint32_t id = scene_object(OBJECT_MUTEX);
	scene_do(1, OP_MUTEX_LOCK, id, 0);
	scene_do(1, OP_EXIT, world->tasks[1].object, 0);
	assert_false(scene_try(2, OP_MUTEX_LOCK, id, 0));
}

static void test_timed_lock_expires(void **state)
{
	(void)state;
	struct world *world = scene_open(2);
	uint32_t id = scene_object(OBJECT_MUTEX);
	scene_do(1, OP_MUTEX_LOCK, id, 0);
	scene_request(
		2, (struct request){.op = OP_MUTEX_TIMEDLOCK, .object = id, .flags = REQUEST_TIMED, .deadline_ns = 9});
	assert_false(scene_enabled(2));
	assert_true(model_expirable(world, &world->tasks[2]));
	world->tasks[2].flags |= TASK_EXPIRED;
	assert_int_equal(scene_go(2), ETIMEDOUT);
	assert_int_equal(world->objects[id].owner, 1);
	assert_false(world->tasks[2].flags & TASK_EXPIRED);
}

/* Two readers who both want to write wait for each other, and one reader for itself. */
static void test_rwlock_upgrade(void **state)
{
	(void)state;
	scene_open(2);
	uint32_t id = scene_object(OBJECT_RWLOCK);
	scene_do(1, OP_RWLOCK_RDLOCK, id, 0);
	assert_false(scene_try(1, OP_RWLOCK_WRLOCK, id, 0));
	scene_do(2, OP_RWLOCK_RDLOCK, id, 0);
	assert_false(scene_try(2, OP_RWLOCK_WRLOCK, id, 0));
	assert_false(scene_enabled(1));
}

/* Readers overtake a waiting writer, unless the lock says otherwise; then even those who read already wait. */
static void test_rwlock_preference(void **state)
{
	(void)state;
	for (int writer_first = 0; writer_first < 2; writer_first++) {
		struct world *world = scene_open(3);
		uint32_t id = scene_object(OBJECT_RWLOCK);
		world->objects[id].flags = writer_first ? OBJECT_WRITER_FIRST : 0;
		scene_do(1, OP_RWLOCK_RDLOCK, id, 0);
		assert_true(scene_try(3, OP_RWLOCK_RDLOCK, id, 0));
		assert_false(scene_try(2, OP_RWLOCK_WRLOCK, id, 0));
		assert_int_equal(scene_enabled(3), !writer_first);
		assert_int_equal(scene_try(1, OP_RWLOCK_RDLOCK, id, 0), !writer_first);
		assert_int_equal(scene_do(1, OP_RWLOCK_TRYRDLOCK, id, 0), writer_first ? EBUSY : 0);
		if (!writer_first)
			scene_do(1, OP_RWLOCK_UNLOCK, id, 0);
		scene_do(1, OP_RWLOCK_UNLOCK, id, 0);
		assert_int_equal(scene_go(2), 0);
		assert_false(scene_enabled(3));
	}
}

/* A writer that could go itself holds nobody up. */
static void test_rwlock_writer_not_waiting(void **state)
{
	(void)state;
	struct world *world = scene_open(2);
	uint32_t id = scene_object(OBJECT_RWLOCK);
	world->objects[id].flags = OBJECT_WRITER_FIRST;
	assert_true(scene_try(2, OP_RWLOCK_WRLOCK, id, 0));
	assert_int_equal(scene_do(1, OP_RWLOCK_RDLOCK, id, 0), 0);
	assert_false(scene_enabled(2));
}

static void test_all_holds_are_given_back(void **state)
{
	(void)state;
	struct world *world = scene_open(2);
	uint32_t robust = scene_object(OBJECT_MUTEX), recursive = scene_object(OBJECT_MUTEX);
	uint32_t rwlock = scene_object(OBJECT_RWLOCK);
	world->objects[robust].flags = OBJECT_ROBUST | OBJECT_RECURSIVE;
	world->objects[recursive].flags = OBJECT_RECURSIVE;
	for (int i = 0; i < 2; i++) {
		scene_do(1, OP_MUTEX_LOCK, recursive, 0);
		scene_do(1, OP_MUTEX_LOCK, robust, 0);
		scene_do(1, OP_RWLOCK_RDLOCK, rwlock, 0);
	}
	model_task_died(world, &world->tasks[1]);
	assert_int_equal(world->tasks[1].nholds, 0);
	assert_int_equal(scene_do(2, OP_MUTEX_LOCK, robust, 0), EOWNERDEAD);
	assert_false(scene_try(2, OP_MUTEX_LOCK, recursive, 0));
	assert_false(scene_try(2, OP_RWLOCK_WRLOCK, rwlock, 0));
}

static void test_use_after_destroy(void **state)
{
	(void)state;
	struct world *world = scene_open(1);
	uint32_t id = scene_object(OBJECT_MUTEX);
	scene_do(1, OP_MUTEX_DESTROY, id, 0);
	assert_int_equal(world->misuse, MISUSE_NONE);
	assert_int_equal(scene_do(1, OP_MUTEX_LOCK, id, 0), 0);
	assert_int_equal(world->misuse, MISUSE_USE_DESTROYED);
}

/* As the models would say, of objects in any state. */
static void expect_enabled(uint16_t op, uint32_t state)
{
	static const uint16_t flags[] = {0, OBJECT_RECURSIVE, OBJECT_ERRORCHECK, OBJECT_ROBUST | OBJECT_INCONSISTENT};
	struct world *world = scene_open(2);
	struct request request = {.op = op, .object = scene_object(op_info(op)->object_kind),
		.second = scene_object(OBJECT_MUTEX)};

	world->objects[request.object].owner = (uint16_t)(state % 3);
	world->objects[request.object].count = state / 3 % 3;
	world->objects[request.object].flags = flags[state / 9 % COUNT(flags)];
	world->objects[request.second].owner = (uint16_t)(state % 3);
	scene_request(1, request);
	assert_true(model_of(op)->enabled(world, &world->tasks[1]));
	assert_true(scene_enabled(1));
}

static void test_who_gives_back_never_waits(void **state)
{
	uint32_t n = 0;
	(void)state;
	for (uint16_t op = 0; op < OP_COUNT; op++) {
		if (!op_never_waits(op))
			continue;
		n++;
		for (uint32_t i = 0; i < 36; i++)
			expect_enabled(op, i);
	}
	assert_true(n > 10 && op_never_waits(OP_MUTEX_UNLOCK) && !op_never_waits(OP_MUTEX_LOCK));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_mutex_rows),
		cmocka_unit_test(test_spin_rows),
		cmocka_unit_test(test_who_gives_back_never_waits),
		cmocka_unit_test(test_rwlock_rows),
		cmocka_unit_test(test_robust_owner_dies),
		cmocka_unit_test(test_robust_second_owner_dies),
		cmocka_unit_test(test_normal_owner_dies),
		cmocka_unit_test(test_timed_lock_expires),
		cmocka_unit_test(test_rwlock_upgrade),
		cmocka_unit_test(test_rwlock_preference),
		cmocka_unit_test(test_rwlock_writer_not_waiting),
		cmocka_unit_test(test_all_holds_are_given_back),
		cmocka_unit_test(test_use_after_destroy),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
