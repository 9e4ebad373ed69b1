#include "scene.h"

#include <stdlib.h>

#include "shared/model/model.h"

static struct world scene;

struct world *scene_open(uint32_t ntasks)
{
	world_reset(&scene);
	scene.nprocesses = 1;
	scene.processes[1] = (struct process){.state = PROCESS_LIVE};
	scene.processes[1].object = scene_object(OBJECT_PROCESS);
	scene.ntasks = ntasks;
	for (uint32_t id = 1; id <= ntasks; id++) {
		struct task *task = &scene.tasks[id];
		task->id = (uint16_t)id;
		task->process = 1;
		task->state = TASK_RUNNING;
		task->object = scene_object(OBJECT_TASK);
		scene.objects[task->object].owner = (uint16_t)id;
	}
	return &scene;
}

struct world *scene_world(void)
{
	return &scene;
}

uint32_t scene_object(uint16_t kind)
{
	return world_object_new(&scene, kind, 1, 0x1000 + 64ULL * scene.nobjects);
}

uint32_t scene_process(uint16_t parent)
{
	uint32_t id = ++scene.nprocesses;
	scene.processes[id] = (struct process){.state = PROCESS_LIVE, .parent = parent};
	scene.processes[id].object = scene_object(OBJECT_PROCESS);
	return id;
}

void scene_request(uint32_t task, struct request request)
{
	world_announce(&scene, &scene.tasks[task], &request);
}

void scene_announce(uint32_t task, uint16_t op, uint32_t object, uint64_t argument)
{
	scene_request(task, (struct request){.op = op, .object = object, .argument = argument});
}

bool scene_enabled(uint32_t task)
{
	return model_enabled(&scene, &scene.tasks[task]);
}

int64_t scene_go(uint32_t task)
{
	if (!scene_enabled(task))
		abort();
	scene.tasks[task].state = TASK_RUNNING;
	return model_apply(&scene, &scene.tasks[task]);
}

int64_t scene_do(uint32_t task, uint16_t op, uint32_t object, uint64_t argument)
{
	scene_announce(task, op, object, argument);
	return scene_go(task);
}

bool scene_try(uint32_t task, uint16_t op, uint32_t object, uint64_t argument)
{
	scene_announce(task, op, object, argument);
	return scene_enabled(task);
}
