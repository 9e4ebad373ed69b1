/*
 * What crosses tasks and processes: joining, signals, sleeping, children, pipes, eventfds, file locks, databases.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "scene.h"
#include "shared/model/file_lock.h"
#include "shared/model/model.h"
#include "shared/model/retry.h"

static void test_join(void **state)
{
	(void)state;
	struct world *world = scene_open(2);
	uint32_t target = world->tasks[2].object;
	assert_int_equal(scene_do(1, OP_TRYJOIN, target, 0), EBUSY);
	assert_false(scene_try(1, OP_JOIN, target, 0));
	assert_int_equal(scene_do(2, OP_EXIT, target, 0), 0);
	assert_int_equal(scene_go(1), 0);
	assert_true(world->tasks[2].flags & TASK_JOINED);
	assert_int_equal(world->misuse, MISUSE_NONE);
	assert_int_equal(scene_do(1, OP_JOIN, target, 0), EINVAL);
	assert_int_equal(world->misuse, MISUSE_JOIN_TWICE);
}

static void test_join_times_out(void **state)
{
	(void)state;
	struct world *world = scene_open(2);
	scene_request(1, (struct request){.op = OP_JOIN, .object = world->tasks[2].object, .flags = REQUEST_TIMED});
	world->tasks[1].flags |= TASK_EXPIRED;
	assert_int_equal(scene_go(1), ETIMEDOUT);
	assert_false(world->tasks[2].flags & TASK_JOINED);
}

/* Oneself at once; a circle waits for ever; a dead task can be joined although it never said EXIT. */
static void test_join_circles(void **state)
{
	(void)state;
	struct world *world = scene_open(2);
	assert_int_equal(scene_do(1, OP_JOIN, world->tasks[1].object, 0), EDEADLK);
	assert_int_equal(world->misuse, MISUSE_JOIN_SELF);
	assert_false(scene_try(1, OP_JOIN, world->tasks[2].object, 0));
	assert_false(scene_try(2, OP_JOIN, world->tasks[1].object, 0));
	assert_false(scene_enabled(1));
	model_task_died(world, &world->tasks[2]);
	assert_int_equal(scene_go(1), 0);
}

static void test_detach(void **state)
{
	(void)state;
	struct world *world = scene_open(2);
	uint32_t target = world->tasks[2].object;
	assert_int_equal(scene_do(1, OP_DETACH, target, 0), 0);
	assert_int_equal(scene_do(1, OP_DETACH, target, 0), EINVAL);
	assert_int_equal(scene_do(1, OP_JOIN, target, 0), EINVAL);
	assert_int_equal(world->misuse, MISUSE_JOIN_TWICE);
	assert_int_equal(scene_do(1, OP_CANCEL, target, 0), 0);
	assert_true(world->tasks[2].flags & TASK_CANCELLED);
}

static void test_signals(void **state)
{
	(void)state;
	struct world *world = scene_open(2);
	uint64_t wanted = 1ULL << 9 | 1ULL << 11; /* 10 and 12 */
	assert_false(scene_try(1, OP_SIGNAL_WAIT, world->tasks[1].object, wanted));
	scene_do(2, OP_KILL, world->tasks[1].object, 15);
	assert_false(scene_enabled(1));
	scene_do(2, OP_KILL, world->tasks[1].object, 12);
	scene_do(2, OP_KILL, world->tasks[1].object, 10);
	scene_do(2, OP_KILL, world->tasks[1].object, 0);
	assert_int_equal(scene_go(1), 10);
	assert_int_equal(scene_do(1, OP_SIGNAL_WAIT, world->tasks[1].object, wanted), 12);
	assert_int_equal(world->tasks[1].signals, 1ULL << 14);
	assert_false(scene_try(1, OP_SIGNAL_WAIT, world->tasks[1].object, wanted));
	world->tasks[1].flags |= TASK_EXPIRED;
	assert_int_equal(scene_go(1), ETIMEDOUT);
}

static void test_sleep(void **state)
{
	(void)state;
	struct world *world = scene_open(1);
	struct request sleep = {
		.op = OP_SLEEP, .flags = REQUEST_TIMED | REQUEST_HOLD | REQUEST_INTERRUPT, .deadline_ns = 9};
	scene_request(1, sleep);
	assert_false(scene_enabled(1));
	world->now_ns = 8;
	assert_false(scene_enabled(1));
	world->now_ns = 9;
	assert_int_equal(scene_go(1), 0);
	world->now_ns = 0;
	scene_request(1, sleep);
	world->tasks[1].flags |= TASK_EXPIRED;
	assert_int_equal(scene_go(1), 0);
	scene_request(1, sleep);
	world->tasks[1].signals = 1;
	assert_int_equal(scene_go(1), EINTR);
	scene_request(1, (struct request){.op = OP_SLEEP, .flags = REQUEST_HOLD}); /* pause: only a signal ends it */
	world->now_ns = 1000;
	assert_false(scene_enabled(1));
}

static int64_t wait_child(uint32_t task, uint32_t object, uint64_t argument, uint32_t pick)
{
	scene_request(task, (struct request){.op = OP_WAIT, .object = object, .argument = argument, .pick = pick});
	return scene_go(task);
}

static void test_wait_for_children(void **state)
{
	(void)state;
	struct world *world = scene_open(1);
	assert_int_equal(wait_child(1, 0, 0, 0), ECHILD);
	uint32_t first = scene_process(1), second = scene_process(1), grandchild = scene_process((uint16_t)first);
	assert_false(scene_try(1, OP_WAIT, 0, 0));
	assert_int_equal(wait_child(1, 0, MODEL_WAIT_NOHANG, 0), 0);
	assert_int_equal(world->tasks[1].pending.second, 0);
	model_process_died(world, grandchild, 0);
	assert_false(scene_try(1, OP_WAIT, 0, 0));
	assert_int_equal(wait_child(1, world->processes[grandchild].object, 0, 0), ECHILD);
	model_process_died(world, second, 256);
	assert_int_equal(world->objects[world->processes[1].object].count, 1);
	assert_false(scene_try(1, OP_WAIT, world->processes[first].object, 0));
	assert_int_equal(wait_child(1, 0, MODEL_WAIT_KEEP, 0), 0);
	assert_int_equal(world->processes[second].state, PROCESS_ZOMBIE);
	assert_int_equal(wait_child(1, 0, 0, 0), 0);
	assert_int_equal(world->tasks[1].pending.second, second);
	assert_int_equal(world->processes[second].state, PROCESS_REAPED);
	assert_int_equal(world->processes[second].status, 256);
	assert_int_equal(world->objects[world->processes[1].object].count, 0);
	/* the first one's zombie went with its parent */
	model_process_died(world, first, 9);
	assert_int_equal(world->processes[grandchild].state, PROCESS_REAPED);
	assert_int_equal(wait_child(1, world->processes[first].object, 0, 0), 0);
	assert_int_equal(wait_child(1, 0, 0, 0), ECHILD);
}

static void test_wait_picks(void **state)
{
	(void)state;
	struct world *world = scene_open(1);
	uint32_t children[3];
	for (int i = 0; i < 3; i++) {
		children[i] = scene_process(1);
		model_process_died(world, children[i], 0);
	}
	wait_child(1, 0, 0, 1);
	assert_int_equal(world->tasks[1].pending.second, children[1]);
	wait_child(1, 0, 0, 1);
	assert_int_equal(world->tasks[1].pending.second, children[2]);
	wait_child(1, 0, 0, 0);
	assert_int_equal(world->tasks[1].pending.second, children[0]);
}

/* Announces what the kernel has refused. */
static void block(uint32_t task, uint16_t op, uint32_t object, uint32_t second, uint64_t argument)
{
	struct request request = {.op = op, .object = object, .second = second, .argument = argument};
	retry_block(scene_world(), &request);
	scene_request(task, request);
}

/* What the kernel has not refused is enabled; what it has is tried again when somebody has used the same channel. */
static void test_channel(void **state)
{
	(void)state;
	scene_open(2);
	uint32_t pipe = scene_object(OBJECT_CHANNEL), other = scene_object(OBJECT_CHANNEL);
	assert_true(scene_try(1, OP_PIPE_READ, pipe, 0));
	block(1, OP_PIPE_READ, pipe, 0, 0);
	assert_false(scene_enabled(1));
	scene_do(2, OP_PIPE_WRITE, other, 0);
	assert_false(scene_enabled(1));
	scene_do(2, OP_PIPE_WRITE, pipe, 0);
	assert_true(scene_enabled(1));
	block(1, OP_PIPE_WRITE, pipe, 0, 0);
	scene_do(2, OP_POLL, pipe, 0); /* looks, and changes nothing */
	assert_false(scene_enabled(1));
	scene_do(2, OP_PIPE_CLOSE, pipe, 0);
	assert_int_equal(scene_go(1), 0);
}

static void test_poll(void **state)
{
	(void)state;
	struct world *world = scene_open(3);
	uint32_t pipes[3];
	for (int i = 0; i < 3; i++)
		pipes[i] = scene_object(OBJECT_CHANNEL);
	block(1, OP_POLL, pipes[0], pipes[1], 0);
	block(2, OP_POLL, 0, 0, 0); /* more than two */
	scene_do(3, OP_PIPE_WRITE, pipes[2], 0);
	assert_false(scene_enabled(1));
	assert_int_equal(scene_go(2), 0);
	scene_do(3, OP_PIPE_READ, pipes[1], 0);
	assert_true(scene_enabled(1));
	block(1, OP_POLL, pipes[0], 0, 0);
	block(2, OP_PIPE_READ, pipes[1], 0, 0);
	retry_all(world); /* a process was killed, with whatever it had open */
	assert_true(scene_enabled(1) && scene_enabled(2));
}

/* Due again when something has happened since it asked; asking in vain, or a look at nothing, is nothing. */
static void test_retry_is_due(void **state)
{
	(void)state;
	struct world *world = scene_open(2);
	uint32_t pipe = scene_object(OBJECT_CHANNEL), other = scene_object(OBJECT_CHANNEL);
	block(1, OP_PIPE_READ, pipe, 0, 0);
	assert_false(retry_is_due(world, &world->tasks[1]));
	scene_do(2, OP_PIPE_WRITE, other, 0);
	assert_true(retry_is_due(world, &world->tasks[1]));
	block(1, OP_PIPE_READ, pipe, 0, 0);
	assert_false(retry_is_due(world, &world->tasks[1]));
	assert_false(retry_may_sleep(world, &world->tasks[1]));
	world->tasks[1].pending.flags |= REQUEST_OUTSIDE;
	assert_true(retry_may_sleep(world, &world->tasks[1]));
	world->tasks[1].pending.flags &= (uint16_t)~REQUEST_OUTSIDE;
	world->tasks[2].flags |= TASK_STRANGER;
	assert_true(retry_may_sleep(world, &world->tasks[1]));
	scene_announce(1, OP_PIPE_READ, pipe, 0);
	assert_false(retry_is_due(world, &world->tasks[1]));
	assert_false(retry_may_sleep(world, &world->tasks[1]));
}

/* A parent asks the kernel about its children only where there are some that are not controlled. */
static void test_wait_for_stranger(void **state)
{
	(void)state;
	struct world *world = scene_open(2);
	uint16_t child = (uint16_t)scene_process(1);
	world->tasks[2].process = child;
	block(1, OP_WAIT, 0, 0, 0);
	world->progress++;
	assert_false(scene_enabled(1) || retry_is_due(world, &world->tasks[1]));
	world->tasks[2].flags |= TASK_STRANGER;
	assert_true(retry_is_due(world, &world->tasks[1]) && retry_may_sleep(world, &world->tasks[1]));
	model_process_died(world, child, 0);
	assert_int_equal(scene_go(1), 0);
	assert_int_equal(world->tasks[1].pending.second, child);
}

/* Three processes with one task each: task and process have the same number. */
static struct world *open_processes(void)
{
	struct world *world = scene_open(3);
	for (uint16_t id = 2; id <= 3; id++)
		world->tasks[id].process = (uint16_t)scene_process(1);
	return world;
}

enum { SHARED = 0, EXCLUSIVE = MODEL_FILE_EXCLUSIVE, POSIX = MODEL_FILE_POSIX };

/* Who waits may try again when a lock of the file was given back or changed, not when another one was taken. */
static void test_file_locks(void **state)
{
	(void)state;
	struct world *world = open_processes();
	uint32_t file = scene_object(OBJECT_FILE_LOCK);
	assert_int_equal(scene_do(1, OP_FILE_LOCK, file, SHARED), 0);
	assert_true(scene_try(3, OP_FILE_TRYLOCK, file, EXCLUSIVE)); /* fails, if the kernel says so */
	block(3, OP_FILE_LOCK, file, 0, EXCLUSIVE);
	assert_int_equal(scene_do(2, OP_FILE_LOCK, file, SHARED), 0);
	assert_false(scene_enabled(3));
	assert_true(file_lock_is_held(world, file, 2));
	assert_false(file_lock_is_held(world, file, 3));
	scene_do(1, OP_FILE_UNLOCK, file, 0);
	assert_true(scene_enabled(3));
	block(3, OP_FILE_LOCK, file, 0, EXCLUSIVE);
	assert_int_equal(scene_do(2, OP_FILE_LOCK, file, EXCLUSIVE), 0); /* converted: what is left may be less */
	assert_true(scene_enabled(3));
	assert_int_equal(world->tasks[2].nholds, 1);
	assert_false(world->tasks[2].holds[0].shared);
	block(3, OP_FILE_LOCK, file, 0, EXCLUSIVE);
	scene_do(1, OP_FILE_UNLOCK, file, 0); /* nothing of its own, as far as is known: it may be inherited */
	assert_true(scene_enabled(3));
	file_lock_drop(world, file, 2);
	assert_false(file_lock_is_held(world, file, 0));
}

/* With fcntl the kernel would see the circle; with flock the two wait for ever. */
static void test_file_lock_circle(void **state)
{
	(void)state;
	struct world *world = open_processes();
	uint32_t one = scene_object(OBJECT_FILE_LOCK), two = scene_object(OBJECT_FILE_LOCK);
	scene_do(1, OP_FILE_LOCK, one, EXCLUSIVE | POSIX);
	scene_do(2, OP_FILE_LOCK, two, EXCLUSIVE | POSIX);
	scene_do(3, OP_FILE_LOCK, two, EXCLUSIVE | POSIX);
	block(1, OP_FILE_LOCK, two, world->processes[2].object, EXCLUSIVE);
	assert_false(file_lock_is_circle(world, 2, 1));
	block(1, OP_FILE_LOCK, two, world->processes[2].object, EXCLUSIVE | POSIX);
	assert_true(file_lock_is_circle(world, 2, 1));
	assert_false(file_lock_is_circle(world, 3, 1));
	assert_true(file_lock_is_circle(world, 1, 1));
	assert_false(file_lock_is_circle(world, 1, 0));
	block(2, OP_FILE_LOCK, one, world->processes[3].object, EXCLUSIVE | POSIX);
	assert_true(file_lock_is_circle(world, 3, 1));
	scene_do(3, OP_FILE_UNLOCK, two, 0); /* 1 may have what it waits for: it is in nobody's way any more */
	assert_false(file_lock_is_circle(world, 3, 1));
}

/* The lock is the process's: it outlives the thread, but not the last one. */
static void test_file_lock_owner_dies(void **state)
{
	(void)state;
	struct world *world = open_processes();
	uint32_t file = scene_object(OBJECT_FILE_LOCK);
	world->tasks[3].process = 2;
	scene_do(2, OP_FILE_LOCK, file, EXCLUSIVE);
	scene_do(2, OP_EXIT, world->tasks[2].object, 0);
	world->tasks[2].state = TASK_ENDED;
	block(1, OP_FILE_LOCK, file, 0, EXCLUSIVE);
	assert_non_null(world_held(&world->tasks[3], file));
	assert_false(scene_enabled(1));
	model_task_died(world, &world->tasks[3]);
	world->tasks[3].state = TASK_ENDED;
	assert_true(scene_enabled(1));
	assert_false(file_lock_is_held(world, file, 0));
}

static void test_database(void **state)
{
	(void)state;
	struct world *world = scene_open(2);
	uint32_t database = scene_object(OBJECT_DATABASE);
	assert_int_equal(scene_do(1, OP_SQLITE_STEP, database, 0), 0);
	assert_false(scene_try(1, OP_DB_WAIT, database, world->objects[database].version));
	world->objects[database].version++;
	assert_int_equal(scene_go(1), 0);
}

/* Kinds without a model are always enabled. */
static void test_no_model(void **state)
{
	(void)state;
	scene_open(1);
	uint32_t unit = scene_object(OBJECT_UNIT);
	assert_int_equal(scene_do(1, OP_UNIT_BEGIN, unit, 7), 0);
	assert_int_equal(scene_do(1, OP_EXTERNAL, 0, 0), 0);
	assert_int_equal(scene_do(1, OP_YIELD, 0, 0), 0);
	assert_non_null(model_of(60000));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_join),
		cmocka_unit_test(test_join_times_out),
		cmocka_unit_test(test_join_circles),
		cmocka_unit_test(test_detach),
		cmocka_unit_test(test_signals),
		cmocka_unit_test(test_sleep),
		cmocka_unit_test(test_wait_for_children),
		cmocka_unit_test(test_wait_picks),
		cmocka_unit_test(test_channel),
		cmocka_unit_test(test_poll),
		cmocka_unit_test(test_retry_is_due),
		cmocka_unit_test(test_wait_for_stranger),
		cmocka_unit_test(test_file_locks),
		cmocka_unit_test(test_file_lock_circle),
		cmocka_unit_test(test_file_lock_owner_dies),
		cmocka_unit_test(test_database),
		cmocka_unit_test(test_no_model),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
