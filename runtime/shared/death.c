#include "death.h"

#include <signal.h>

#include "model/model.h"
#include "post.h"

void death_of_task(struct world *world, struct task *task)
{
	if (task->state == TASK_FREE || task->state == TASK_ENDED)
		return;
	model_task_died(world, task);
	__atomic_store_n(&task->state, TASK_ENDED, __ATOMIC_SEQ_CST);
}

void death_of_process(struct world *world, uint32_t process, int status)
{
	for (uint32_t id = 1; id <= world->ntasks; id++)
		if (world->tasks[id].process == process)
			death_of_task(world, &world->tasks[id]);
	world->processes[process].ntasks = 0;
	model_process_died(world, process, status);
	if (world->processes[process].parent)
		post_process(world, world->processes[process].parent, SIGCHLD);
}
