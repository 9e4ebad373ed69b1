/* fork and its relatives. A child process is a task of the same world; vfork becomes fork. */
#include "call.h"

#include <pthread.h>
#include <sys/types.h>
#include <unistd.h>

#include "image.h"
#include "process.h"
#include "real.h"
#include "start.h"

/* The task that the child of the fork under way will be. */
static uint32_t forked_task;

/*
 * Last of all handlers before the fork, because it is registered first: they may have taken locks. Only from here on may
 * the child be given the turn: before, it is not there.
 */
static void before(void)
{
	const struct task *own = task_self();

	if (forked_task == 0) {
		if (control_mode == CONTROL_CONTROL && own->id != 0)
			control_uncontrolled(UNCONTROLLED_RAW_CLONE, self.site, "fork within a library");
		return;
	}
	struct task *child = &control->world.tasks[forked_task];
	child->ninherited = own->nholds;
	for (uint32_t i = 0; i < own->nholds; i++)
		child->inherited[i] = own->holds[i].object;
	child->state = TASK_READY;
}

/*
 * First of all child handlers, because it is registered first: from here on the child is its own task, and what the
 * program's handlers do happens under its turn.
 */
static void in_child(void)
{
	if (forked_task == 0) { /* by a call that is not interposed: its parent is the task */
		control_mode = CONTROL_PASS;
		self_be(0);
		return;
	}
	self.inside = 1;
	foreign_forget();
	task_bind_process(forked_task);
	start_thread(forked_task);
	forked_task = 0;
	point_begin();
	self.inside = 0;
}

void process_open(void)
{
	pthread_atfork(before, NULL, in_child);
}

enum uncontrolled process_inspect(const char *path)
{
	enum uncontrolled reason = image_inspect(path);

	return reason == UNCONTROLLED_NONE && !control_keep() ? UNCONTROLLED_DESCRIPTOR : reason;
}

uint32_t process_child(const char *name)
{
	char buffer[512];
	struct request request = call_request(OP_FORK, control->world.processes[control_process].object);

	point_announce(&request);
	return task_new(true, self.site, name ? name : start_program_name(buffer, sizeof buffer));
}

void process_born(uint32_t task, int pid)
{
	struct world *world = &control->world;

	point_ensure();
	if (pid > 0)
		world->processes[world->tasks[task].process].pid = pid;
	else
		task_drop(task);
	point_done(pid > 0 ? 0 : self.error, 0);
}

static pid_t do_fork(pid_t (*genuine)(void))
{
	uint32_t task = process_child(NULL);

	if (task == 0) {
		point_done(EAGAIN, 0);
		return call_error(EAGAIN);
	}
	forked_task = task;
	control->world.tasks[task].state = TASK_RUNNING; /* until before() */
	call_user_begin();
	pid_t child = genuine();
	call_user_end();
	if (child == 0)
		return 0;
	forked_task = 0;
	process_born(task, child);
	return child;
}

INTERPOSE(pid_t, fork, (void), (), ({ observe_before_fork(); genuine_fork(); }))
{
	return do_fork(genuine_fork);
}

pid_t process_fork(void)
{
	return do_fork(genuine_fork);
}

INTERPOSE(pid_t, _Fork, (void), (), ({ observe_before_fork(); genuine__Fork(); }))
{
	return do_fork(genuine_fork);
}

static pid_t (*genuine_vfork)(void);
INTERPOSE_TABLE(vfork, LIBC, NULL);

static pid_t controlled_vfork(void)
{
	struct guard guard __attribute__((cleanup(guard_leave))) = {0};

	if (!guard_enter(&guard, &entry_vfork, __builtin_return_address(0)))
		return real.fork();
	return do_fork(genuine_fork);
}

/*
 * A parent that is really suspended could not hand on the turn, and a child in its memory would be taken for it by who
 * observes; a child with its own memory can do no harm. Handlers of fork don't run for vfork.
 */
process_forker *process_vfork(void)
{
	if (!genuine_vfork)
		resolve_entry(&entry_vfork);
	if (control_mode == CONTROL_PASS)
		return genuine_vfork;
	return control_mode == CONTROL_CONTROL ? controlled_vfork : real.fork;
}

void process_leave(uint32_t task, int reason, const char *path)
{
	control_uncontrolled((enum uncontrolled)reason, self.site, path);
	control->world.tasks[task].flags |= TASK_STRANGER;
	point_leave(task);
}
