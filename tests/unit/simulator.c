#include "simulator.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "shared/model/model.h"
#include "simulator_trace.h"

/* What a simulated task is about to do. */
struct position {
	uint32_t next;   /* operation of its list; nops: exit */
	bool second;     /* the second half of a wait */
	uint32_t nunits; /* begun */
	uint64_t outer_unit;
};

struct simulator {
	struct world world;
	struct simulator_trace trace;
	struct result result;
	const struct simulator_program *program;
	const struct plan *plan;
	const struct directive *prefix;
	struct position positions[LIMIT_TASKS];
	uint32_t numbers[LIMIT_TASKS]; /* of tasks in the program, by task id */
	uint32_t ids[LIMIT_TASKS];     /* the other way round */
	uint32_t objects[LIMIT_TASKS]; /* world index of the program's objects, 0: not met yet */
	uint32_t nunits;
};

static uint64_t mix(uint64_t a, uint64_t b)
{
	uint64_t value = (a ^ b * 0x9e3779b97f4a7c15ULL) + 0x9e3779b97f4a7c15ULL;
	value = (value ^ value >> 30) * 0xbf58476d1ce4e5b9ULL;
	value = (value ^ value >> 27) * 0x94d049bb133111ebULL;
	return value ^ value >> 31;
}

struct simulator *simulator_open(void)
{
	struct simulator *simulator = aligned_alloc(_Alignof(struct simulator), sizeof(*simulator));
	if (simulator == NULL)
		abort();
	memset(simulator, 0, sizeof(*simulator));
	return simulator;
}

void simulator_close(struct simulator *simulator)
{
	if (simulator == NULL)
		return;
	free(simulator->trace.bytes);
	free(simulator);
}

static uint32_t new_object(struct simulator *simulator, uint16_t kind, uint16_t process, uint64_t address)
{
	uint32_t id = world_object_new(&simulator->world, kind, process, address);
	if (id == 0)
		abort();
	simulator_trace_object(&simulator->trace, &simulator->world, id);
	return id;
}

/* Objects get their ordinals when they are first used, as in the target. */
static uint32_t object_of(struct simulator *simulator, uint32_t number)
{
	if (number == 0 || number > simulator->program->nobjects)
		return 0;
	if (simulator->objects[number] == 0) {
		const struct simulator_object *from = &simulator->program->objects[number - 1];
		uint32_t id = new_object(simulator, from->kind, 1, 0x1000 + 64ULL * number);
		struct object *object = &simulator->world.objects[id];
		object->flags = from->flags;
		object->count = from->count;
		object->limit = from->limit;
		object->version = from->version;
		simulator->objects[number] = id;
	}
	return simulator->objects[number];
}

static uint32_t task_object(const struct simulator *simulator, uint32_t number)
{
	if (number == 0 || number > simulator->program->ntasks)
		return 0;
	return simulator->world.tasks[simulator->ids[number]].object;
}

static void name_task(const struct simulator *simulator, struct task *task, const char *name)
{
	size_t length = strnlen(name, sizeof(task->name) - 8);
	uint32_t nbefore = 0;
	for (uint32_t id = 1; id < task->id; id++)
		nbefore += strncmp(simulator->world.tasks[id].name, name, length) == 0 &&
			strchr("#", simulator->world.tasks[id].name[length]) != NULL;
	memcpy(task->name, name, length);
	if (nbefore == 0)
		return;
	task->name[length++] = '#';
	if (nbefore >= 9)
		task->name[length++] = (char)('0' + (nbefore + 1) / 10 % 10);
	task->name[length] = (char)('0' + (nbefore + 1) % 10);
}

static struct task *new_task(struct simulator *simulator, uint32_t number, struct task *parent)
{
	struct world *world = &simulator->world;
	if (world->ntasks + 1 >= LIMIT_TASKS)
		abort();
	struct task *task = &world->tasks[++world->ntasks];
	task->id = (uint16_t)world->ntasks;
	task->process = 1;
	task->parent = parent != NULL ? parent->id : 0;
	task->unit = parent != NULL ? parent->unit : 0;
	task->identity = parent != NULL ? mix(parent->identity, ++parent->nchildren) : mix(1, 1);
	task->object = new_object(simulator, OBJECT_TASK, 0, task->identity);
	world->objects[task->object].owner = task->id;
	world->processes[1].ntasks++;
	name_task(simulator, task, simulator->program->tasks[number - 1].name);
	simulator->numbers[task->id] = number;
	simulator->ids[number] = task->id;
	simulator_trace_task(&simulator->trace, world, task);
	return task;
}

static void announce_request(struct simulator *simulator, struct task *task, const struct request *request)
{
	world_announce(&simulator->world, task, request);
	simulator_trace_announce(&simulator->trace, &simulator->world, task, simulator->program->statements);
}

static const struct simulator_op *current_op(const struct simulator *simulator, const struct task *task)
{
	const struct simulator_task *list = &simulator->program->tasks[simulator->numbers[task->id] - 1];
	const struct position *position = &simulator->positions[task->id];
	return position->next < list->nops ? &list->ops[position->next] : NULL;
}

static uint64_t unit_identity(const struct simulator *simulator, const struct task *task)
{
	return mix(task->identity, 0x10000 + simulator->positions[task->id].nunits);
}

static struct request request_of(struct simulator *simulator, const struct task *task, const struct simulator_op *op)
{
	bool on_task = op_info(op->op)->object_kind == OBJECT_TASK;
	struct request request = {
		.op = op->op,
		.flags = op->flags,
		.object = on_task ? task_object(simulator, op->object) : object_of(simulator, op->object),
		.second = object_of(simulator, op->second),
		.statement = op->statement,
		.argument = op->op == OP_UNIT_BEGIN ? unit_identity(simulator, task) : op->argument,
		.deadline_ns = simulator->world.now_ns + op->timeout_ns,
		/* Sites are addresses: one for each operation of the program. */
		.site = 0x400000 + 0x1000ULL * simulator->numbers[task->id] +
			16ULL * simulator->positions[task->id].next,
	};
	return request;
}

static void announce_next(struct simulator *simulator, struct task *task)
{
	const struct simulator_op *op = current_op(simulator, task);
	struct request request = {.op = OP_EXIT, .object = task->object};
	if (op != NULL)
		request = request_of(simulator, task, op);
	announce_request(simulator, task, &request);
}

static void create(struct simulator *simulator, struct task *parent, const struct simulator_op *op)
{
	if (op->object == 0 || op->object > simulator->program->ntasks)
		abort();
	struct task *task = new_task(simulator, op->object, parent);
	struct request request = {.op = OP_BEGIN, .object = task->object};
	announce_request(simulator, task, &request);
}

static bool ask(struct simulator *simulator, const struct decision *decision, uint16_t kind, uint32_t n,
	uint32_t *answer, bool *timeout)
{
	const struct simulator_program *program = simulator->program;
	return program->ask != NULL &&
		program->ask(program->ask_context, &simulator->world, decision, kind, n, answer, timeout);
}

/* Whom a signal or a wake wakes, where there are several. */
static bool choose_waiter(struct simulator *simulator, struct task *task)
{
	struct world *world = &simulator->world;
	struct request *request = &task->pending;
	uint16_t waiting = request->op == OP_COND_SIGNAL ? OP_COND_WAKE : OP_FUTEX_WAIT;
	uint32_t n = world_waiters(world, request->object, waiting);
	if (!(op_info(request->op)->flags & ACT_WAKES) || n < 2 || n <= request->argument)
		return true;
	bool timeout = false;
	if (!(simulator->plan->flags & PLAN_ASK))
		request->pick = turn_choose(world, simulator->plan, simulator->prefix, CHOICE_WAKE, task->id, n, 0);
	else if (!ask(simulator, NULL, CHOICE_WAKE, n, &request->pick, &timeout))
		return false;
	if (request->pick >= n)
		return false;
	world->nchoices++;
	simulator_trace_choice(&simulator->trace, world, task->id, CHOICE_WAKE, n, request->pick, 0);
	return true;
}

static void mark(struct simulator *simulator, struct task *task, const struct simulator_op *op)
{
	struct position *position = &simulator->positions[task->id];
	struct simulator_trace *trace = &simulator->trace;
	const char *text = op->text != NULL ? op->text : "";
	if (op->op == OP_EFFECT)
		simulator_trace_effect(trace, &simulator->world, task, text, op->key != NULL ? op->key : "");
	if (op->op == OP_LABEL)
		simulator_trace_label(trace, task, text);
	if (op->op == OP_UNIT_END) {
		simulator_trace_unit(trace, &simulator->world, task, false, 0, task->unit, text);
		task->unit = position->outer_unit;
	}
	if (op->op == OP_UNIT_BEGIN) {
		position->nunits++;
		position->outer_unit = task->unit;
		task->unit = task->pending.argument;
		simulator_trace_unit(trace, &simulator->world, task, true, ++simulator->nunits, task->unit, text);
	}
}

/* Where it goes on. True when the wait has a second half, which has been announced. */
static bool move_on(struct simulator *simulator, struct task *task, const struct simulator_op *op, int64_t result)
{
	struct position *position = &simulator->positions[task->id];
	struct request request = task->pending;
	bool waits = (op->op == OP_COND_WAIT || op->op == OP_COND_TIMEDWAIT) && result == 0;
	waits |= op->op == OP_BARRIER_WAIT && result == MODEL_BARRIER_WAITS;
	if (waits && !position->second) {
		position->second = true;
		request.op = op->op == OP_BARRIER_WAIT ? OP_BARRIER_PASS : OP_COND_WAKE;
		announce_request(simulator, task, &request);
		return true;
	}
	position->second = false;
	if (op->op == OP_ONCE_BEGIN && result == MODEL_ONCE_DONE)
		while (current_op(simulator, task) != NULL && current_op(simulator, task)->op != OP_ONCE_END)
			position->next++;
	position->next++;
	if (op->op != OP_ONCE_BEGIN && op->op != OP_BARRIER_WAIT && result != 0)
		position->next += (uint32_t)(int32_t)op->on_failure;
	return false;
}

static void end_task(struct simulator *simulator, struct task *task)
{
	task->state = TASK_ENDED;
	simulator->world.processes[1].ntasks--;
}

/* Performs the pending operation of the task that was chosen, up to its next announcement or its end. */
static bool perform(struct simulator *simulator, struct task *task)
{
	struct world *world = &simulator->world;
	uint16_t performed = task->pending.op;
	const struct simulator_op *op =
		performed == OP_BEGIN || performed == OP_EXIT ? NULL : current_op(simulator, task);
	task->state = TASK_RUNNING;
	if (!choose_waiter(simulator, task))
		return false;
	if (performed == OP_CREATE)
		create(simulator, task, op);
	int64_t result = model_apply(world, task);
	if (op != NULL && simulator->program->performed != NULL)
		result = simulator->program->performed(
			simulator->program->context, simulator->numbers[task->id], op, result);
	simulator_trace_done(&simulator->trace, world, task, result);
	if (op != NULL)
		mark(simulator, task, op);
	if (performed == OP_EXIT)
		end_task(simulator, task);
	else if (op == NULL || !move_on(simulator, task, op, result))
		announce_next(simulator, task);
	return true;
}

static enum outcome outcome_of(const struct simulator *simulator, enum turn_verdict verdict)
{
	switch (verdict) {
	case TURN_ENDED: return OUTCOME_EXITED;
	case TURN_DIVERGED: return OUTCOME_DIVERGED;
	case TURN_LIMIT: return turn_is_livelock(&simulator->world) ? OUTCOME_LIVELOCK : OUTCOME_LIMIT;
	default: return OUTCOME_DEADLOCK;
	}
}

static enum turn_verdict take_turn(struct simulator *simulator, uint32_t current, struct decision *decision)
{
	struct world *world = &simulator->world;
	uint64_t before_ns = world->now_ns;
	enum turn_verdict verdict = turn_next(world, simulator->plan, simulator->prefix, current, decision);
	if (verdict == TURN_ASK) {
		uint32_t task = decision->task;
		bool timeout = decision->timeout;
		if (!ask(simulator, decision, CHOICE_TASK, decision->nalternatives, &task, &timeout) ||
			!turn_take(world, simulator->plan, current, task, timeout, decision))
			return TURN_DIVERGED;
		verdict = TURN_GO;
	}
	if (verdict != TURN_GO)
		return verdict;
	world->nsteps++;
	world->npreemptions += decision->cost;
	world->nchoices += decision->nalternatives > 1;
	simulator_trace_step(&simulator->trace, world, current, decision, before_ns);
	return TURN_GO;
}

static void start(struct simulator *simulator, const struct simulator_program *program, const struct plan *plan,
	const struct directive *prefix)
{
	struct world *world = &simulator->world;
	world_reset(world);
	memset(simulator->positions, 0, sizeof(simulator->positions));
	memset(simulator->objects, 0, sizeof(simulator->objects));
	memset(simulator->ids, 0, sizeof(simulator->ids));
	simulator->nunits = 0;
	simulator->trace.nbytes = 0;
	simulator->program = program;
	simulator->plan = plan;
	simulator->prefix = prefix;
	world->plan = plan->number;
	turn_open(world, plan);
	world->nprocesses = 1;
	world->processes[1] = (struct process){.state = PROCESS_LIVE, .identity = mix(1, 1)};
	struct task *first = new_task(simulator, 1, NULL);
	first->flags |= TASK_MAIN;
	announce_next(simulator, first);
}

static void finish(struct simulator *simulator, enum outcome outcome)
{
	const struct world *world = &simulator->world;
	simulator_trace_end(&simulator->trace, world, outcome);
	simulator->result = (struct result){
		.plan = world->plan,
		.hash = world->hash,
		.outcome = outcome,
		.nsteps = world->nsteps,
		.nchoices = world->nchoices,
		.npreemptions = world->npreemptions,
		.ntasks = world->ntasks,
		.diverged_at = outcome == OUTCOME_DIVERGED ? world->cursor : 0,
		.trace_bytes = simulator->trace.nbytes,
		.virtual_ns = world->now_ns,
	};
}

enum outcome simulator_run(struct simulator *simulator, const struct simulator_program *program,
	const struct plan *plan, const struct directive *prefix)
{
	uint32_t current = 1;
	struct decision decision;
	enum turn_verdict verdict;
	start(simulator, program, plan, prefix);
	while ((verdict = take_turn(simulator, current, &decision)) == TURN_GO) {
		struct task *task = &simulator->world.tasks[decision.task];
		if (!perform(simulator, task)) {
			verdict = TURN_DIVERGED;
			break;
		}
		current = task->state == TASK_ENDED ? 0 : task->id;
	}
	enum outcome outcome = outcome_of(simulator, verdict);
	finish(simulator, outcome);
	return outcome;
}

const void *simulator_trace(const struct simulator *simulator, size_t *nbytes)
{
	*nbytes = simulator->trace.nbytes;
	return simulator->trace.bytes;
}

const struct result *simulator_result(const struct simulator *simulator)
{
	return &simulator->result;
}

const struct world *simulator_world(const struct simulator *simulator)
{
	return &simulator->world;
}

struct plan simulator_plan(enum chooser_id chooser, uint64_t seed)
{
	return (struct plan){
		.number = 1, .chooser = (uint16_t)chooser, .seed = seed, .max_steps = 10000, .depth = 3, .length = 20};
}
