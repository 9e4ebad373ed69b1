#include "control_block.h"
#include "rehearsal.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "shared/model/model.h"
#include "shared/turn.h"

enum { MAX_STEPS = 4096 };

struct stage {
	const struct rehearsal *rehearsal;
	struct control *control;
	const struct plan *plan;
	const struct directive *prefix;
	struct follower *follower;
	struct trace *trace;
	uint32_t part[LIMIT_TASKS]; /* index into rehearsal->tasks of each task */
	uint32_t next[LIMIT_TASKS]; /* operation it announces next */
	uint32_t pending[LIMIT_TASKS];
	uint32_t objects[OBJECT_KIND_COUNT][REHEARSAL_KIND_OBJECTS];
	bool over;
};

static void symbols_code_of(void *state, uint16_t process, uint64_t address, struct symbol *out)
{
	const struct rehearsal *rehearsal = state;

	(void)process;
	out->module = "program";
	out->function = rehearsal->functions[address];
}

/* Addresses are kind * 256 + number. */
static const char *symbols_data_of(void *state, uint16_t process, uint64_t address)
{
	(void)state;
	(void)process;
	if (address == OBJECT_MUTEX * 256 + 1)
		return "lock";
	return address == OBJECT_COND * 256 + 1 ? "ready" : NULL;
}

struct symbols rehearsal_symbols(const struct rehearsal *rehearsal)
{
	return (struct symbols){
		.state = (void *)rehearsal,
		.code = rehearsal->functions != NULL ? symbols_code_of : NULL,
		.data = rehearsal->functions != NULL ? symbols_data_of : NULL,
	};
}

static uint32_t new_object(struct stage *stage, uint16_t kind, uint16_t process, uint64_t address)
{
	uint32_t id = world_object_new(&stage->control->world, kind, process, address);
	struct trace *trace = stage->trace;

	assert(id == trace->nobjects + 1);
	trace->objects[++trace->nobjects] =
		(struct trace_object){.id = id, .kind = kind, .process = process, .address = address, .name = ""};
	return id;
}

static uint32_t object_of(struct stage *stage, const struct rehearsal_op *op, uint16_t kind, uint16_t number)
{
	struct world *world = &stage->control->world;

	if (number == 0)
		return 0;
	if (kind == OBJECT_TASK) {
		for (uint32_t id = 1; id <= world->ntasks && op->op != OP_CREATE; id++)
			if (stage->part[id] == number)
				return world->tasks[id].object;
		return 0;
	}
	uint32_t *object = &stage->objects[kind][number];
	if (*object == 0)
		*object = new_object(stage, kind, 1, kind * 256u + number);
	return *object;
}

static uint32_t statement_of(struct stage *stage, const char *text)
{
	struct control *control = stage->control;

	if (text == NULL)
		return 0;
	for (uint32_t i = 1; i <= control->nstatements; i++)
		if (strcmp(control->text + control->statements[i].text, text) == 0)
			return i;
	uint32_t id = ++control->nstatements;
	control->statements[id].text = control->text_used;
	memcpy(control->text + control->text_used, text, strlen(text) + 1);
	control->text_used += (uint32_t)strlen(text) + 1;
	return id;
}

static void announce(struct stage *stage, uint32_t id, const struct request *request)
{
	struct world *world = &stage->control->world;
	struct trace *trace = stage->trace;
	struct task *task = &world->tasks[id];

	task->pending = *request;
	task->flags &= ~(uint32_t)(TASK_WOKEN | TASK_EXPIRED);
	task->wait_order = ++world->waits;
	task->state = TASK_READY;
	stage->pending[id] = trace->nannounces;
	trace->announces[trace->nannounces++] = (struct trace_announce){
		.request = *request, .task = (uint16_t)id, .ordinal = task->nops++, .at_step = trace->nsteps};
	trace->tasks[id].nops = task->nops;
	trace->tasks[id].pending = trace->nannounces;
}

static uint32_t new_task(struct stage *stage, uint16_t parent, uint32_t part)
{
	struct world *world = &stage->control->world;
	struct trace *trace = stage->trace;
	uint32_t id = ++world->ntasks;
	struct task *task = &world->tasks[id];

	*task = (struct task){.id = (uint16_t)id, .parent = parent, .process = 1, .identity = 1000 + part};
	task->object = new_object(stage, OBJECT_TASK, 0, id);
	world->objects[task->object].owner = (uint16_t)id;
	strcpy(task->name, stage->rehearsal->tasks[part].name);
	stage->part[id] = part;
	trace->ntasks = id;
	trace->tasks[id] = (struct trace_task){.id = (uint16_t)id,
		.parent = parent,
		.process = 1,
		.object = task->object,
		.identity = task->identity,
		.name = stage->rehearsal->tasks[part].name,
		.at_step = trace->nsteps};
	announce(stage, id, &(struct request){.op = OP_BEGIN, .object = task->object});
	return id;
}

static void announce_next(struct stage *stage, uint32_t id)
{
	struct world *world = &stage->control->world;
	const struct rehearsal_op *op = &stage->rehearsal->tasks[stage->part[id]].ops[stage->next[id]];
	struct request request = {.op = op->op, .site = op->site};

	if (op->op == OP_NONE) {
		announce(stage, id, &(struct request){.op = OP_EXIT, .object = world->tasks[id].object});
		return;
	}
	uint16_t kind = op_info(op->op)->object_kind;
	request.object = object_of(stage, op, kind, op->object);
	request.second = object_of(stage, op, OBJECT_MUTEX, op->second);
	request.statement = statement_of(stage, op->text);
	if (op->wait_ns != 0) {
		request.flags = REQUEST_TIMED | (op->op == OP_SLEEP ? REQUEST_HOLD : 0);
		request.deadline_ns = world->now_ns + op->wait_ns;
	}
	announce(stage, id, &request);
}

static const struct task_set *keep(const struct task_set *set)
{
	struct task_set *copy = malloc(sizeof *copy);

	*copy = *set;
	return copy;
}

static void mix(struct trace *trace, uint64_t value)
{
	trace->result.hash = (trace->result.hash ^ value) * 0x100000001b3ULL + 0x9e3779b9;
}

static void record_step(struct stage *stage, uint32_t previous, const struct decision *decision, uint64_t before_ns)
{
	struct trace *trace = stage->trace;
	struct trace_step *step = &trace->steps[trace->nsteps++];
	bool several = decision->nalternatives > 1;

	*step = (struct trace_step){.announce = stage->pending[decision->task],
		.task = (uint16_t)decision->task,
		.previous = (uint16_t)previous,
		.nalternatives = decision->nalternatives,
		.cost = decision->cost,
		.choice = several ? trace->nchoices : ~0u,
		.now_ns = stage->control->world.now_ns};
	step->flags = (uint16_t)((decision->timeout ? STEP_TIMEOUT : 0) | (decision->cost ? STEP_PREEMPTION : 0) |
		(stage->control->world.now_ns != before_ns ? STEP_CLOCK_JUMP : 0));
	if (several) {
		trace->nchoices++;
		step->enabled = keep(&decision->enabled);
		step->timed = keep(&decision->timed);
	}
	trace->tasks[decision->task].pending = 0;
	trace->result.npreemptions += decision->cost;
	mix(trace, decision->task * 64u + decision->timeout * 32u + decision->nalternatives);
}

static void end(struct stage *stage, enum outcome outcome)
{
	stage->trace->result.outcome = outcome;
	stage->over = true;
}

static bool ask(struct stage *stage, uint32_t current, struct decision *decision)
{
	struct control *control = stage->control;
	struct ask *question = &control->ask;

	question->kind = CHOICE_TASK;
	question->task = (uint16_t)current;
	question->enabled = decision->enabled;
	question->timed = decision->timed;
	follower_answer(stage->follower, control);
	return !question->diverged &&
		turn_take(&control->world, stage->plan, current, question->answer, question->timeout, decision);
}

/* What the follower says; n: it can't. */
static uint32_t ask_follower(struct stage *stage, uint32_t task, enum choice_kind kind, uint32_t object, uint32_t n)
{
	struct ask *question = &stage->control->ask;

	question->kind = kind;
	question->task = (uint16_t)task;
	question->object = object;
	question->n = n;
	question->normal = 0;
	follower_answer(stage->follower, stage->control);
	return question->diverged ? n : question->answer;
}

/* A server makes the task the victim of a deadlock. */
static void tell_victim(struct stage *stage, uint32_t task)
{
	struct trace *trace = stage->trace;

	if (stage->follower != NULL && ask_follower(stage, task, CHOICE_VICTIM, 0, 2) > 1)
		end(stage, OUTCOME_DIVERGED);
	trace->value_choices[trace->nvalue_choices++] = (struct trace_value_choice){.at_step = trace->nsteps,
		.choice = TRACE_NO_CHOICE, .task = (uint16_t)task, .kind = CHOICE_VICTIM, .n = 1, .taken = 1};
	mix(trace, 1);
}

static uint32_t choose(struct stage *stage, uint32_t task, enum choice_kind kind, uint32_t object, uint32_t n)
{
	struct control *control = stage->control;
	struct trace *trace = stage->trace;
	uint32_t taken;

	if (stage->follower != NULL) {
		taken = ask_follower(stage, task, kind, object, n);
	} else {
		taken = turn_choose(&control->world, stage->plan, stage->prefix, kind, task, n, 0);
	}
	if (taken >= n) {
		end(stage, OUTCOME_DIVERGED);
		return 0;
	}
	trace->value_choices[trace->nvalue_choices++] = (struct trace_value_choice){.at_step = trace->nsteps,
		.choice = trace->nchoices++,
		.task = (uint16_t)task,
		.kind = kind,
		.n = n,
		.taken = taken,
		.object = object};
	mix(trace, taken + 1);
	return taken;
}

static void choose_of_op(struct stage *stage, uint32_t id, const struct rehearsal_op *op)
{
	if (op->choice == CHOICE_VICTIM)
		tell_victim(stage, id);
	else if (op->about == 0)
		choose(stage, id, op->choice, 0, 2);
	for (uint16_t channel = 1; channel <= op->about; channel++)
		choose(stage, id, op->choice, object_of(stage, op, OBJECT_CHANNEL, channel), 2);
	if (op->about > 0)
		choose(stage, id, op->choice, object_of(stage, op, OBJECT_CHANNEL, 1), 2);
}

static void make_choices(struct stage *stage, uint32_t id)
{
	struct world *world = &stage->control->world;
	struct request *request = &world->tasks[id].pending;
	const struct rehearsal_op *op = &stage->rehearsal->tasks[stage->part[id]].ops[stage->next[id]];

	if (request->op == OP_COND_SIGNAL) {
		uint32_t nwaiters = world_waiters(world, request->object, OP_COND_WAKE);
		if (nwaiters > 1)
			request->pick = choose(stage, id, CHOICE_WAKE, 0, nwaiters);
	} else if (request->op != OP_BEGIN && request->op != OP_EXIT && op->choice != 0) {
		choose_of_op(stage, id, op);
	}
}

/* Performs what the task has announced and announces its next; returns who has the turn then. */
static uint32_t perform(struct stage *stage, uint32_t id)
{
	struct world *world = &stage->control->world;
	struct task *task = &world->tasks[id];
	const struct rehearsal_op *op = &stage->rehearsal->tasks[stage->part[id]].ops[stage->next[id]];
	uint16_t performed = task->pending.op;

	task->state = TASK_RUNNING;
	make_choices(stage, id);
	mix(stage->trace, (uint64_t)model_apply(world, task));
	if (performed == OP_EXIT) {
		task->state = TASK_ENDED;
		stage->trace->tasks[id].exited = true;
		if (id == 1)
			end(stage, OUTCOME_EXITED);
		return 0;
	}
	if (performed == OP_CREATE)
		new_task(stage, (uint16_t)id, op->object);
	if (performed != OP_BEGIN)
		stage->next[id]++;
	announce_next(stage, id);
	return id;
}

static uint32_t step(struct stage *stage, uint32_t current)
{
	struct world *world = &stage->control->world;
	uint64_t before_ns = world->now_ns;
	struct decision decision = {0};
	enum turn_verdict verdict = turn_next(world, stage->plan, stage->prefix, current, &decision);

	if (verdict == TURN_ASK && !ask(stage, current, &decision))
		verdict = TURN_DIVERGED;
	if (verdict != TURN_GO && verdict != TURN_ASK) {
		end(stage,
			verdict == TURN_DEADLOCK           ? OUTCOME_DEADLOCK
				: verdict == TURN_DIVERGED ? OUTCOME_DIVERGED
							   : OUTCOME_LIMIT);
		return 0;
	}
	world->nsteps++;
	record_step(stage, current, &decision, before_ns);
	return perform(stage, decision.task);
}

static struct trace *new_trace(void)
{
	struct trace *trace = calloc(1, sizeof *trace);

	trace->tasks = calloc(LIMIT_TASKS, sizeof *trace->tasks);
	trace->objects = calloc(LIMIT_TASKS, sizeof *trace->objects);
	trace->announces = calloc(MAX_STEPS + LIMIT_TASKS, sizeof *trace->announces);
	trace->steps = calloc(MAX_STEPS + 1, sizeof *trace->steps);
	trace->value_choices = calloc(MAX_STEPS, sizeof *trace->value_choices);
	return trace;
}

/* The trace outlives the control block. */
static void take_statements(struct trace *trace, const struct control *control)
{
	struct statement *statements = calloc(control->nstatements + 1, sizeof *statements);
	char *text = calloc(1, control->text_used + 1);

	memcpy(statements, control->statements, (control->nstatements + 1) * sizeof *statements);
	memcpy(text, control->text, control->text_used);
	trace->statements = statements;
	trace->nstatements = control->nstatements;
	trace->text = text;
	trace->text_used = control->text_used;
}

struct trace *rehearsal_run(const struct rehearsal *rehearsal, const struct plan *plan, const struct directive *prefix,
	struct follower *follower)
{
	struct plan used = *plan;
	struct stage *stage = calloc(1, sizeof *stage);
	uint32_t current;

	used.max_steps = MAX_STEPS - 1;
	used.flags |= follower != NULL ? PLAN_ASK : 0;
	*stage = (struct stage){.rehearsal = rehearsal,
		.plan = &used,
		.prefix = prefix,
		.follower = follower,
		.control = control_block_new(),
		.trace = new_trace()};
	stage->control->text_used = 1;
	stage->control->slots[0].plan = used;
	world_reset(&stage->control->world);
	turn_open(&stage->control->world, &used);
	current = new_task(stage, 0, 0);
	while (!stage->over)
		current = step(stage, current);
	struct trace *trace = stage->trace;
	trace->result.nsteps = trace->nsteps;
	take_statements(trace, stage->control);
	control_block_free(stage->control);
	free(stage);
	return trace;
}

void rehearsal_free(struct trace *trace)
{
	for (uint32_t i = 0; i < trace->nsteps; i++) {
		free((void *)trace->steps[i].enabled);
		free((void *)trace->steps[i].timed);
	}
	free(trace->tasks);
	free(trace->objects);
	free(trace->announces);
	free(trace->steps);
	free(trace->value_choices);
	free((void *)trace->statements);
	free((void *)trace->text);
	free(trace);
}
