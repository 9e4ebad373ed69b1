/*
 * Condition variables, semaphores, barriers, once and futexes.
 */
#include <errno.h>
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "scene.h"
#include "shared/model/model.h"

/* The task waits: gives the mutex back and is asleep. */
static void wait_cond(uint32_t task, uint32_t cond, uint32_t mutex, uint16_t flags)
{
	scene_request(task, (struct request){.op = OP_COND_WAIT, .object = cond, .second = mutex});
	assert_int_equal(scene_go(task), 0);
	scene_request(task,
		(struct request){
			.op = OP_COND_WAKE, .object = cond, .second = mutex, .flags = flags, .deadline_ns = 100});
}

static void lock_and_wait(uint32_t task, uint32_t cond, uint32_t mutex)
{
	assert_int_equal(scene_do(task, OP_MUTEX_LOCK, mutex, 0), 0);
	wait_cond(task, cond, mutex, 0);
}

static void test_cond_wakes_with_its_mutex(void **state)
{
	(void)state;
	struct world *world = scene_open(2);
	uint32_t mutex = scene_object(OBJECT_MUTEX), cond = scene_object(OBJECT_COND);
	lock_and_wait(1, cond, mutex);
	assert_int_equal(world->objects[mutex].owner, 0);
	assert_false(scene_enabled(1));
	scene_do(2, OP_MUTEX_LOCK, mutex, 0);
	scene_do(2, OP_COND_SIGNAL, cond, 0);
	assert_false(scene_enabled(1));
	scene_do(2, OP_MUTEX_UNLOCK, mutex, 0);
	assert_int_equal(scene_go(1), 0);
	assert_int_equal(world->objects[mutex].owner, 1);
	assert_int_equal(world->objects[cond].count, 0);
	assert_int_equal(world->misuse, MISUSE_NONE);
}

/* A signal that nobody waits for is lost. */
static void test_cond_signal_is_lost(void **state)
{
	(void)state;
	scene_open(2);
	uint32_t mutex = scene_object(OBJECT_MUTEX), cond = scene_object(OBJECT_COND);
	scene_do(2, OP_COND_SIGNAL, cond, 0);
	scene_do(2, OP_COND_BROADCAST, cond, 0);
	lock_and_wait(1, cond, mutex);
	assert_false(scene_enabled(1));
}

static void test_cond_signal_picks(void **state)
{
	(void)state;
	for (uint32_t pick = 0; pick < 3; pick++) {
		struct world *world = scene_open(4);
		uint32_t mutex = scene_object(OBJECT_MUTEX), cond = scene_object(OBJECT_COND);
		/* in waiting order: 3, 1, 2 */
		const uint32_t order[] = {3, 1, 2};
		for (int i = 0; i < 3; i++)
			lock_and_wait(order[i], cond, mutex);
		assert_int_equal(world_waiters(world, cond, OP_COND_WAKE), 3);
		scene_request(4, (struct request){.op = OP_COND_SIGNAL, .object = cond, .pick = pick});
		scene_go(4);
		for (int i = 0; i < 3; i++)
			assert_int_equal(scene_enabled(order[i]), i == (int)pick);
		assert_int_equal(world_waiters(world, cond, OP_COND_WAKE), 2);
	}
}

static void test_cond_broadcast(void **state)
{
	(void)state;
	struct world *world = scene_open(3);
	uint32_t mutex = scene_object(OBJECT_MUTEX), cond = scene_object(OBJECT_COND);
	lock_and_wait(1, cond, mutex);
	lock_and_wait(2, cond, mutex);
	scene_do(3, OP_COND_BROADCAST, cond, 0);
	assert_true(scene_enabled(1));
	assert_int_equal(scene_go(2), 0);
	assert_false(scene_enabled(1));
	scene_do(2, OP_MUTEX_UNLOCK, mutex, 0);
	assert_int_equal(scene_go(1), 0);
	assert_int_equal(world->objects[cond].count, 0);
}

/* Who has timed out can't swallow a signal any more; who was woken in time has not timed out. */
static void test_cond_times_out(void **state)
{
	(void)state;
	struct world *world = scene_open(3);
	uint32_t mutex = scene_object(OBJECT_MUTEX), cond = scene_object(OBJECT_COND);
	scene_do(1, OP_MUTEX_LOCK, mutex, 0);
	wait_cond(1, cond, mutex, REQUEST_TIMED);
	lock_and_wait(2, cond, mutex);
	assert_true(model_expirable(world, &world->tasks[1]));
	scene_do(3, OP_MUTEX_LOCK, mutex, 0);
	assert_false(model_expirable(world, &world->tasks[1]));
	world->tasks[1].flags |= TASK_EXPIRED;
	assert_false(scene_enabled(1));
	scene_do(3, OP_COND_SIGNAL, cond, 0);
	scene_do(3, OP_MUTEX_UNLOCK, mutex, 0);
	assert_true(scene_enabled(2));
	assert_int_equal(scene_go(1), ETIMEDOUT);
	assert_int_equal(world->objects[mutex].owner, 1);
	assert_false(scene_enabled(2));
	scene_do(1, OP_MUTEX_UNLOCK, mutex, 0);
	world->tasks[2].flags |= TASK_EXPIRED;
	assert_int_equal(scene_go(2), 0);
}

static void test_cond_without_mutex(void **state)
{
	(void)state;
	struct world *world = scene_open(2);
	uint32_t mutex = scene_object(OBJECT_MUTEX), cond = scene_object(OBJECT_COND);
	scene_request(1, (struct request){.op = OP_COND_WAIT, .object = cond, .second = mutex});
	assert_int_equal(scene_go(1), 0);
	assert_int_equal(world->misuse, MISUSE_WAIT_WITHOUT_MUTEX);
	world->objects[mutex].flags = OBJECT_ERRORCHECK;
	world->objects[cond].count = 0;
	scene_request(1, (struct request){.op = OP_COND_WAIT, .object = cond, .second = mutex});
	assert_int_equal(scene_go(1), EPERM);
	assert_int_equal(world->objects[cond].count, 0);
}

/* One level only is given back: who waits with a recursive mutex taken twice keeps others out. */
static void test_cond_recursive_mutex(void **state)
{
	(void)state;
	struct world *world = scene_open(2);
	uint32_t mutex = scene_object(OBJECT_MUTEX), cond = scene_object(OBJECT_COND);
	world->objects[mutex].flags = OBJECT_RECURSIVE;
	scene_do(1, OP_MUTEX_LOCK, mutex, 0);
	scene_do(1, OP_MUTEX_LOCK, mutex, 0);
	wait_cond(1, cond, mutex, 0);
	assert_int_equal(world->objects[mutex].count, 1);
	assert_false(scene_try(2, OP_MUTEX_LOCK, mutex, 0));
	scene_do(2, OP_COND_SIGNAL, cond, 0);
	assert_int_equal(scene_go(1), 0);
	assert_int_equal(world->objects[mutex].count, 2);
}

static void test_cond_robust_mutex(void **state)
{
	(void)state;
	struct world *world = scene_open(2);
	uint32_t mutex = scene_object(OBJECT_MUTEX), cond = scene_object(OBJECT_COND);
	world->objects[mutex].flags = OBJECT_ROBUST;
	lock_and_wait(1, cond, mutex);
	scene_do(2, OP_MUTEX_LOCK, mutex, 0);
	scene_do(2, OP_COND_SIGNAL, cond, 0);
	model_task_died(world, &world->tasks[2]);
	assert_int_equal(scene_go(1), EOWNERDEAD);
}

/* glibc's destroy waits for those who have not been woken; those who have may still be on their way. */
static void test_cond_destroy(void **state)
{
	(void)state;
	struct world *world = scene_open(2);
	uint32_t mutex = scene_object(OBJECT_MUTEX), cond = scene_object(OBJECT_COND);
	lock_and_wait(1, cond, mutex);
	assert_false(scene_try(2, OP_COND_DESTROY, cond, 0));
	scene_do(2, OP_COND_BROADCAST, cond, 0);
	assert_int_equal(scene_do(2, OP_COND_DESTROY, cond, 0), 0);
	assert_int_equal(scene_go(1), 0);
	assert_int_equal(world->misuse, MISUSE_NONE);
}

/* A cancelled or interrupted waiter has its mutex again before it goes. */
static void test_cond_interrupted(void **state)
{
	(void)state;
	struct world *world = scene_open(2);
	uint32_t mutex = scene_object(OBJECT_MUTEX), cond = scene_object(OBJECT_COND);
	scene_do(1, OP_MUTEX_LOCK, mutex, 0);
	wait_cond(1, cond, mutex, REQUEST_INTERRUPT);
	scene_do(2, OP_MUTEX_LOCK, mutex, 0);
	scene_do(2, OP_KILL, world->tasks[1].object, 32);
	assert_false(scene_enabled(1));
	scene_do(2, OP_MUTEX_UNLOCK, mutex, 0);
	assert_int_equal(scene_go(1), EINTR);
	assert_int_equal(world->objects[mutex].owner, 1);
	assert_int_equal(world->objects[cond].count, 0);
}

/* Death while waiting leaves no ghost among the waiters. */
static void test_cond_waiter_dies(void **state)
{
	(void)state;
	struct world *world = scene_open(3);
	uint32_t mutex = scene_object(OBJECT_MUTEX), cond = scene_object(OBJECT_COND);
	lock_and_wait(1, cond, mutex);
	lock_and_wait(2, cond, mutex);
	model_task_died(world, &world->tasks[1]);
	world->tasks[1].state = TASK_ENDED;
	assert_int_equal(world->objects[cond].count, 1);
	scene_do(3, OP_COND_SIGNAL, cond, 0);
	assert_true(scene_enabled(2));
}

static void test_sem(void **state)
{
	(void)state;
	struct world *world = scene_open(2);
	uint32_t sem = scene_object(OBJECT_SEM);
	world->objects[sem].count = 1;
	assert_int_equal(scene_do(1, OP_SEM_WAIT, sem, 0), 0);
	assert_false(scene_try(1, OP_SEM_WAIT, sem, 0));
	assert_false(scene_try(1, OP_SEM_TIMEDWAIT, sem, 0));
	assert_int_equal(scene_do(2, OP_SEM_TRYWAIT, sem, 0), EAGAIN);
	assert_int_equal(scene_do(2, OP_SEM_GETVALUE, sem, 0), 0);
	assert_int_equal(scene_do(2, OP_SEM_POST, sem, 0), 0);
	assert_int_equal(scene_do(2, OP_SEM_GETVALUE, sem, 0), 1);
	assert_int_equal(scene_go(1), 0);
	assert_int_equal(world->objects[sem].count, 0);
	world->objects[sem].count = INT_MAX;
	assert_int_equal(scene_do(2, OP_SEM_POST, sem, 0), EOVERFLOW);
	world->objects[sem].count = 0;
	scene_announce(1, OP_SEM_WAIT, sem, 0);
	scene_do(2, OP_SEM_DESTROY, sem, 0);
	assert_int_equal(world->misuse, MISUSE_DESTROY_WAITED);
}

static void test_barrier(void **state)
{
	(void)state;
	struct world *world = scene_open(3);
	uint32_t barrier = scene_object(OBJECT_BARRIER);
	world->objects[barrier].limit = 3;
	for (uint32_t round = 1; round <= 2; round++) {
		for (uint32_t task = 1; task <= 2; task++) {
			assert_int_equal(scene_do(task, OP_BARRIER_WAIT, barrier, 0), MODEL_BARRIER_WAITS);
			assert_false(scene_try(task, OP_BARRIER_PASS, barrier, 0));
		}
		assert_int_equal(scene_do(3, OP_BARRIER_WAIT, barrier, 0), MODEL_BARRIER_SERIAL);
		assert_int_equal(world->objects[barrier].version, round);
		assert_int_equal(scene_go(2), 0);
		assert_int_equal(scene_go(1), 0);
	}
	scene_do(1, OP_BARRIER_DESTROY, barrier, 0);
	assert_int_equal(world->misuse, MISUSE_NONE);
}

static void test_barrier_destroyed_early(void **state)
{
	(void)state;
	struct world *world = scene_open(2);
	uint32_t barrier = scene_object(OBJECT_BARRIER);
	world->objects[barrier].limit = 3;
	scene_do(1, OP_BARRIER_WAIT, barrier, 0);
	scene_do(2, OP_BARRIER_DESTROY, barrier, 0);
	assert_int_equal(world->misuse, MISUSE_DESTROY_WAITED);
}

static void test_once(void **state)
{
	(void)state;
	struct world *world = scene_open(2);
	uint32_t once = scene_object(OBJECT_ONCE);
	assert_int_equal(scene_do(1, OP_ONCE_BEGIN, once, 1), MODEL_ONCE_RUN);
	assert_int_equal(world->objects[once].owner, 1);
	assert_false(scene_try(2, OP_ONCE_BEGIN, once, 1));
	assert_false(scene_try(1, OP_ONCE_BEGIN, once, 1)); /* from within its routine */
	scene_do(1, OP_ONCE_ABORT, once, 0);
	assert_int_equal(scene_go(2), MODEL_ONCE_RUN);
	scene_do(2, OP_ONCE_END, once, 0);
	/* announced when it was fresh, or not: it is done */
	assert_int_equal(scene_do(1, OP_ONCE_BEGIN, once, 1), MODEL_ONCE_DONE);
	assert_int_equal(scene_do(1, OP_ONCE_BEGIN, once, 0), MODEL_ONCE_DONE);
}

/* Run before control began: the bytes say so. */
static void test_once_done_before(void **state)
{
	(void)state;
	scene_open(1);
	uint32_t once = scene_object(OBJECT_ONCE);
	assert_int_equal(scene_do(1, OP_ONCE_BEGIN, once, 0), MODEL_ONCE_DONE);
	assert_int_equal(scene_do(1, OP_ONCE_BEGIN, once, 1), MODEL_ONCE_DONE);
}

static int64_t wake_futex(uint32_t task, uint32_t futex, uint32_t n, uint32_t bits, uint32_t pick)
{
	scene_request(task,
		(struct request){
			.op = OP_FUTEX_WAKE, .object = futex, .argument = (uint64_t)bits << 32 | n, .pick = pick});
	return scene_go(task);
}

static void test_futex(void **state)
{
	(void)state;
	struct world *world = scene_open(4);
	uint32_t futex = scene_object(OBJECT_FUTEX);
	assert_int_equal(wake_futex(4, futex, 1, 0, 0), 0);
	for (uint32_t task = 1; task <= 3; task++)
		assert_false(scene_try(task, OP_FUTEX_WAIT, futex, 0));
	assert_int_equal(wake_futex(4, futex, 0, 0, 0), 0);
	assert_int_equal(wake_futex(4, futex, 2, 0, 1), 2); /* the second, then the first of those left */
	assert_true(scene_enabled(2));
	assert_true(scene_enabled(1));
	assert_false(scene_enabled(3));
	assert_int_equal(scene_go(1), 0);
	assert_int_equal(wake_futex(4, futex, INT_MAX, 0, 0), 1);
	assert_int_equal(scene_go(3), 0);
	assert_false(scene_try(1, OP_FUTEX_WAIT, futex, 0));
	world->tasks[1].flags |= TASK_EXPIRED;
	assert_int_equal(wake_futex(4, futex, INT_MAX, 0, 0), 0);
	assert_int_equal(scene_go(1), ETIMEDOUT);
}

static void test_futex_bits(void **state)
{
	(void)state;
	scene_open(4);
	uint32_t futex = scene_object(OBJECT_FUTEX);
	scene_announce(1, OP_FUTEX_WAIT, futex, 1);
	scene_announce(2, OP_FUTEX_WAIT, futex, 2);
	scene_announce(3, OP_FUTEX_WAIT, futex, 3);
	assert_int_equal(wake_futex(4, futex, 5, 2, 0), 2);
	assert_false(scene_enabled(1));
	assert_true(scene_enabled(2));
	assert_true(scene_enabled(3));
	assert_int_equal(wake_futex(4, futex, 1, 0, 0), 1);
	assert_true(scene_enabled(1));
}

static void test_futex_interrupted(void **state)
{
	(void)state;
	struct world *world = scene_open(2);
	uint32_t futex = scene_object(OBJECT_FUTEX);
	scene_request(1, (struct request){.op = OP_FUTEX_WAIT, .object = futex, .flags = REQUEST_INTERRUPT});
	world->tasks[1].signal_mask = 1ULL << 9;
	scene_do(2, OP_KILL, world->tasks[1].object, 10);
	assert_false(scene_enabled(1));
	world->tasks[1].signal_mask = 0;
	assert_int_equal(scene_go(1), EINTR);
}

/* Two of three are woken or moved; who was moved is woken where it is now. */
static void test_futex_requeue(void **state)
{
	(void)state;
	struct world *world = scene_open(4);
	uint32_t from = scene_object(OBJECT_FUTEX), to = scene_object(OBJECT_FUTEX);
	for (uint32_t task = 1; task <= 3; task++)
		scene_announce(task, OP_FUTEX_WAIT, from, 0);
	scene_request(4, (struct request){.op = OP_FUTEX_REQUEUE, .object = from, .second = to, .argument = 1ULL << 32 | 1});
	assert_int_equal(scene_go(4), 2);
	assert_true(scene_enabled(1));
	assert_int_equal(world->tasks[2].pending.object, to);
	assert_int_equal(world->tasks[3].pending.object, from);
	assert_int_equal(wake_futex(4, to, INT_MAX, 0, 0), 1);
	assert_true(scene_enabled(2));
	assert_false(scene_enabled(3));
}

/* A cancellation ends a wait that is a cancellation point, a condition's only with its mutex; being woken comes first. */
static void test_cancelled(void **state)
{
	(void)state;
	struct world *world = scene_open(3);
	uint32_t sem = scene_object(OBJECT_SEM), mutex = scene_object(OBJECT_MUTEX), cond = scene_object(OBJECT_COND);
	scene_request(1, (struct request){.op = OP_SEM_WAIT, .object = sem, .flags = REQUEST_CANCEL});
	assert_false(scene_enabled(1));
	scene_do(3, OP_CANCEL, world->tasks[1].object, 0);
	assert_int_equal(scene_go(1), EINTR);
	assert_false(scene_try(1, OP_SEM_WAIT, sem, 0));
	scene_do(2, OP_MUTEX_LOCK, mutex, 0);
	scene_request(2, (struct request){.op = OP_COND_WAIT, .object = cond, .second = mutex});
	assert_int_equal(scene_go(2), 0);
	scene_request(2, (struct request){.op = OP_COND_WAKE, .object = cond, .second = mutex, .flags = REQUEST_CANCEL});
	scene_do(3, OP_MUTEX_LOCK, mutex, 0);
	scene_do(3, OP_CANCEL, world->tasks[2].object, 0);
	assert_false(scene_enabled(2));
	scene_do(3, OP_COND_SIGNAL, cond, 0);
	scene_do(3, OP_MUTEX_UNLOCK, mutex, 0);
	assert_int_equal(scene_go(2), 0);
	assert_int_equal(world->objects[mutex].owner, 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cond_wakes_with_its_mutex),
		cmocka_unit_test(test_cond_signal_is_lost),
		cmocka_unit_test(test_cond_signal_picks),
		cmocka_unit_test(test_cond_broadcast),
		cmocka_unit_test(test_cond_times_out),
		cmocka_unit_test(test_cond_without_mutex),
		cmocka_unit_test(test_cond_recursive_mutex),
		cmocka_unit_test(test_cond_robust_mutex),
		cmocka_unit_test(test_cond_destroy),
		cmocka_unit_test(test_cond_interrupted),
		cmocka_unit_test(test_cond_waiter_dies),
		cmocka_unit_test(test_sem),
		cmocka_unit_test(test_barrier),
		cmocka_unit_test(test_barrier_destroyed_early),
		cmocka_unit_test(test_once),
		cmocka_unit_test(test_once_done_before),
		cmocka_unit_test(test_futex),
		cmocka_unit_test(test_futex_bits),
		cmocka_unit_test(test_futex_interrupted),
		cmocka_unit_test(test_futex_requeue),
		cmocka_unit_test(test_cancelled),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
