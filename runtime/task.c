#include "task.h"

#include <string.h>

#include "berth.h"
#include "carrier.h"
#include "record.h"
#include "self.h"
#include "shared/decimal.h"
#include "shared/hash.h"
#include "shared/model/model.h"
#include "sys.h"

enum { MOST_REFUSALS = 32 };

struct berth berths[LIMIT_TASKS];

static uint64_t mix(uint64_t a, uint64_t b)
{
	uint64_t value = (a ^ b * 0x9e3779b97f4a7c15ULL) + 0x9e3779b97f4a7c15ULL;

	value = (value ^ value >> 30) * 0xbf58476d1ce4e5b9ULL;
	value = (value ^ value >> 27) * 0x94d049bb133111ebULL;
	return value ^ value >> 31;
}

static bool same_base(const char *name, const char *base, size_t length)
{
	return strncmp(name, base, length) == 0 && (name[length] == '\0' || name[length] == '#');
}

static uint32_t count_names(const char *base, size_t length, const struct task *except)
{
	const struct world *world = &control->world;
	uint32_t count = 0;

	for (uint32_t id = 1; id <= world->ntasks; id++)
		if (&world->tasks[id] != except && same_base(world->tasks[id].name, base, length))
			count++;
	return count;
}

static size_t put_count(char *out, uint32_t count)
{
	char *end = out;

	*end++ = '#';
	end = decimal_write(end, count);
	*end = '\0';
	return (size_t)(end - out);
}

void task_name(struct task *task, const char *name)
{
	size_t length = strlen(name);

	if (length > LIMIT_NAME_BYTES - 12)
		length = LIMIT_NAME_BYTES - 12;
	uint32_t others = count_names(name, length, task);
	memcpy(task->name, name, length);
	task->name[length] = '\0';
	if (others > 0)
		put_count(task->name + length, others + 1);
}

/* Who is refused again and again has no end in view. */
static uint32_t refuse(struct world *world, enum limit_id limit)
{
	control_limit(limit, self.site);
	if (++world->refusals >= MOST_REFUSALS)
		control_end(OUTCOME_LIMIT);
	return 0;
}

static uint32_t free_task(struct world *world)
{
	return world->ntasks + 1 < LIMIT_TASKS ? ++world->ntasks : refuse(world, LIMIT_ID_TASKS);
}

static uint32_t free_process(struct world *world)
{
	return world->nprocesses + 1 < LIMIT_PROCESSES ? ++world->nprocesses : refuse(world, LIMIT_ID_PROCESSES);
}

static void fill_process(uint32_t index, uint16_t parent, uint32_t first_task, uint64_t identity)
{
	struct world *world = &control->world;
	struct process *process = &world->processes[index];

	memset(process, 0, sizeof *process);
	process->parent = parent;
	process->state = PROCESS_LIVE;
	process->ntasks = 1;
	process->fibers = world->processes[parent].fibers;
	process->handled = world->processes[parent].handled; /* fork() keeps handlers; a new program says itself */
	process->ignored = world->processes[parent].ignored;
	process->watched = world->processes[parent].watched;
	process->identity = identity;
	process->program = world->processes[parent].program;
	process->object = world_object_new(world, OBJECT_PROCESS, 0, index);
	if (!process->object)
		return;
	world->objects[process->object].owner = (uint16_t)first_task;
	record_object(process->object, "");
}

static struct task *fill_task(uint32_t id, uint16_t parent, uint16_t process, uint64_t identity)
{
	struct world *world = &control->world;
	struct task *task = &world->tasks[id];

	memset(task, 0, sizeof *task);
	task->id = (uint16_t)id;
	task->parent = parent;
	task->process = process;
	task->identity = identity;
	task->sender = parent ? mix(world->tasks[parent].sender, world->tasks[parent].nchildren) : identity;
	task->object = world_object_new(world, OBJECT_TASK, 0, identity);
	if (task->object)
		world->objects[task->object].owner = (uint16_t)id;
	return task;
}

void task_start(const char *program)
{
	struct world *world = &control->world;
	uint64_t identity = mix(1, 1);
	uint32_t process = free_process(world);
	uint32_t id = free_task(world);
	struct task *task = fill_task(id, 0, (uint16_t)process, identity);

	fill_process(process, 0, id, identity);
	control_process = (uint16_t)process;
	world->processes[process].pid = sys_getpid();
	task->flags = TASK_MAIN;
	task->state = TASK_RUNNING;
	task->unit = 0;
	(void)program;
	task_name(task, "main");
	world->running = id;
	carrier_open();
	task_bind(id);
	record_task(task);
}

uint32_t task_new(bool new_process, uint64_t start, const char *name)
{
	struct world *world = &control->world;
	struct task *parent = task_self();
	uint64_t identity = mix(parent->identity, ++parent->nchildren);
	uint32_t process = new_process ? free_process(world) : parent->process;
	uint32_t id = process ? free_task(world) : 0;

	if (id == 0)
		return 0;
	struct task *task = fill_task(id, parent->id, (uint16_t)process, identity);
	if (new_process) {
		fill_process(process, parent->process, id, identity);
		task->flags = TASK_MAIN;
	} else {
		world->processes[process].ntasks++;
	}
	task->start = start;
	task->unit = parent->unit;
	task->signal_mask = parent->signal_mask;
	task_name(task, name);
	task->pending = (struct request){.op = OP_BEGIN, .object = task->object, .site = self.site};
	task->nops = 1;
	task->state = TASK_READY;
	record_task(task);
	if (task->unit && world->nunits == 0)
		record_work((uint16_t)id, task->unit);
	record_announce(task);
	return id;
}

uint32_t task_new_timer(void)
{
	struct task *parent = task_self();
	uint64_t identity = mix(parent->identity, ++parent->nchildren);
	uint32_t id = free_task(&control->world);

	if (id == 0)
		return 0;
	struct task *timer = fill_task(id, parent->id, parent->process, identity);
	timer->flags = TASK_TIMER | TASK_DETACHED;
	task_name(timer, "timer");
	record_task(timer);
	return id;
}

void task_drop(uint32_t id)
{
	struct world *world = &control->world;
	struct task *task = &world->tasks[id];

	task->state = TASK_ENDED;
	world->objects[task->object].count = 1;
	if (--world->processes[task->process].ntasks == 0)
		world->processes[task->process].state = PROCESS_REAPED;
}

/* Fibers share the kernel thread that their process began with. */
static int32_t kernel_thread(const struct task *task)
{
	int32_t pid = control->world.processes[task->process].pid;

	return pid > 0 && !carrier_current()->parallel ? pid : sys_gettid();
}

void task_bind(uint32_t id)
{
	self_be(id);
	control->world.tasks[id].tid = kernel_thread(&control->world.tasks[id]);
	carrier_current()->adopt(id);
}

void task_bind_process(uint32_t id)
{
	struct task *task = &control->world.tasks[id];

	for (uint32_t i = 1; i <= control->world.ntasks; i++)
		berths[i].handle = 0; /* means nothing here */
	control_process = task->process;
	task_bind(id);
	control->world.processes[task->process].pid = sys_getpid();
}

/* Ports are often drawn anew for each run: what looks like one doesn't count. */
static const char *skip_port(const char *text)
{
	size_t n = text[0] == ':' ? 1 : 0;

	while (n > 0 && text[n] >= '0' && text[n] <= '9')
		n++;
	return n == 5 || n == 6 ? text + n : text;
}

void task_command(uint32_t id, char *const *arguments)
{
	struct task *task = &control->world.tasks[id];
	struct process *process = &control->world.processes[task->process];
	uint64_t hash = mix(process->program, 1);

	for (; arguments && *arguments; arguments++) {
		for (const char *at = skip_port(*arguments); *at; at = skip_port(at + 1))
			hash = hash_bytes(hash, at, 1);
		hash = hash_bytes(hash, "", 1);
	}
	process->program = task->sender = hash;
}

void task_new_image(void)
{
	struct world *world = &control->world;
	struct task *own = task_self();

	world->processes[own->process].image++;
	carrier_open();
	for (uint32_t id = 1; id <= world->ntasks; id++) {
		struct task *task = &world->tasks[id];
		if (task == own || task->process != own->process || task->state == TASK_ENDED)
			continue;
		model_task_died(world, task);
		task->state = TASK_ENDED;
	}
	world->processes[own->process].ntasks = 1;
}

void task_set_handle(uint32_t task, unsigned long handle)
{
	berths[task].handle = handle;
}

unsigned long task_handle(uint32_t task)
{
	return berths[task].handle;
}

uint32_t task_by_handle(unsigned long handle)
{
	const struct world *world = &control->world;

	for (uint32_t id = world->ntasks; id > 0; id--)
		if (berths[id].handle == handle && world->tasks[id].process == control_process &&
			!(world->tasks[id].flags & TASK_JOINED))
			return id;
	return 0;
}

uint32_t task_by_tid(int tid)
{
	const struct world *world = &control->world;

	for (uint32_t id = 1; id <= world->ntasks; id++)
		if (world->tasks[id].process == control_process && world->tasks[id].state != TASK_ENDED &&
			!(world->tasks[id].flags & TASK_TIMER) && carrier_current()->tid(id) == tid)
			return id;
	return 0;
}

uint32_t task_live(void)
{
	return control->world.processes[control_process].ntasks;
}
