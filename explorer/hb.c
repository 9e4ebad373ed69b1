#include "hb.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_CLOCK_WORDS = 64 * 1024 * 1024 };

/* One operation, announced or guarded, as far as it orders others. */
struct event {
	uint16_t task, op;
	uint32_t object, second;
	int64_t result;
};

struct hb {
	const struct trace *trace;
	enum hb_mode mode;
	uint32_t nsteps, width;  /* of a clock: tasks + 1 */
	uint32_t *locals;        /* [nsteps]: number of the step within its task, from 1 */
	uint32_t *versions;      /* [nsteps]: clock of its task then, as far as other tasks go */
	uint32_t *clocks;        /* [nclocks * width] */
	uint32_t nclocks, capacity;
	uint32_t *now;           /* [width * width]: each task's clock while reading */
	uint32_t *version;       /* [width]: the stored clock that equals now, but for its own entry */
	uint32_t **objects;      /* [nobjects + 1]: clock of the last releases, NULL: none */
	bool *monitors;          /* [nobjects + 1]: mutexes that go with a condition; HB_SIGNALS only */
};

static uint32_t *now_of(const struct hb *hb, uint16_t task)
{
	return hb->now + (size_t)task * hb->width;
}

static bool clock_join(uint32_t *into, const uint32_t *from, uint32_t width)
{
	bool changed = false;
	for (uint32_t i = 0; i < width; i++) {
		if (from[i] <= into[i])
			continue;
		into[i] = from[i];
		changed = true;
	}
	return changed;
}

/* Stores the task's clock, which later steps of it share until it changes. */
static int version_new(struct hb *hb, uint16_t task)
{
	if (hb->nclocks == hb->capacity) {
		uint32_t capacity = hb->capacity ? hb->capacity * 2 : 64;
		if ((uint64_t)capacity * hb->width > MOST_CLOCK_WORDS)
			return -1;
		uint32_t *clocks = realloc(hb->clocks, (size_t)capacity * hb->width * sizeof(*clocks));
		if (!clocks)
			return -1;
		hb->clocks = clocks;
		hb->capacity = capacity;
	}
	memcpy(hb->clocks + (size_t)hb->nclocks * hb->width, now_of(hb, task), hb->width * sizeof(*hb->clocks));
	hb->version[task] = hb->nclocks++;
	return 0;
}

static int acquire(struct hb *hb, uint16_t task, uint32_t object)
{
	const uint32_t *clock = hb->objects[object];
	if (clock && clock_join(now_of(hb, task), clock, hb->width))
		return version_new(hb, task);
	return 0;
}

static int release(struct hb *hb, uint16_t task, uint32_t object)
{
	if (!object)
		return 0;
	if (!hb->objects[object])
		hb->objects[object] = calloc(hb->width, sizeof(uint32_t));
	if (!hb->objects[object])
		return -1;
	clock_join(hb->objects[object], now_of(hb, task), hb->width);
	return 0;
}

/* Does the operation tell another task something, beside keeping it out? */
static bool is_signal(const struct hb *hb, uint16_t op, uint32_t object)
{
	switch (op_info(op)->object_kind) {
	case OBJECT_MUTEX: return hb->monitors[object];
	case OBJECT_RWLOCK: case OBJECT_SPIN: case OBJECT_FILE_LOCK: case OBJECT_DATABASE: return false;
	default: return true;
	}
}

static bool is_considered(const struct hb *hb, uint16_t op, uint32_t object)
{
	if (hb->mode == HB_SIGNALS && !is_signal(hb, op, object))
		return false;
	if (op == OP_KILL || op == OP_SIGNAL_WAIT || op == OP_SIGNAL_DELIVER)
		return hb->mode != HB_TASKS;
	switch (op_info(op)->object_kind) {
	case OBJECT_TASK: case OBJECT_PROCESS: return true;
	case OBJECT_DATABASE: return hb->mode == HB_ALL;
	default: return hb->mode != HB_TASKS;
	}
}

/* A lock that was not taken, a task that has not ended: nothing was acquired. */
static bool has_acquired(const struct event *event)
{
	switch (op_info(event->op)->object_kind) {
	case OBJECT_MUTEX: case OBJECT_RWLOCK: case OBJECT_SEM: case OBJECT_SPIN: case OBJECT_FILE_LOCK:
	case OBJECT_TASK: case OBJECT_COND: case OBJECT_FUTEX:
		return event->result == 0 || event->result == EOWNERDEAD;
	case OBJECT_CHANNEL:
		return event->result != -EAGAIN;
	default:
		return true;
	}
}

/* What the kernel refused has not happened. */
static bool has_released(const struct event *event)
{
	return op_info(event->op)->object_kind != OBJECT_CHANNEL || has_acquired(event);
}

static int perform(struct hb *hb, const struct event *event)
{
	uint16_t flags = op_info(event->op)->flags;
	if (!is_considered(hb, event->op, event->object))
		return 0;
	if ((flags & ACT_ACQUIRE) && has_acquired(event) && acquire(hb, event->task, event->object))
		return -1;
	if (event->op == OP_COND_WAKE && acquire(hb, event->task, event->second))
		return -1;
	if ((flags & ACT_RELEASE) && has_released(event) && release(hb, event->task, event->object))
		return -1;
	if (event->op == OP_COND_WAIT || event->op == OP_COND_TIMEDWAIT)
		return release(hb, event->task, event->second);
	return 0;
}

static int perform_step(struct hb *hb, uint32_t index)
{
	const struct trace_step *step = &hb->trace->steps[index];
	const struct request *request = &hb->trace->announces[step->announce].request;
	struct event event = {.task = step->task, .op = request->op, .object = request->object,
		.second = request->second, .result = step->result};
	hb->locals[index] = ++now_of(hb, step->task)[step->task];
	if (perform(hb, &event))
		return -1;
	hb->versions[index] = hb->version[step->task];
	return 0;
}

static int perform_guarded(struct hb *hb, const struct trace_guarded *guarded)
{
	struct event event = {.task = guarded->task, .op = guarded->op, .object = guarded->object,
		.result = guarded->result};
	return perform(hb, &event);
}

static int born(struct hb *hb, uint16_t id)
{
	const struct trace_task *task = &hb->trace->tasks[id];
	if (task->parent)
		clock_join(now_of(hb, id), now_of(hb, task->parent), hb->width);
	return version_new(hb, id);
}

static int read_steps(struct hb *hb)
{
	const struct trace *trace = hb->trace;
	uint32_t guarded = 0;
	uint16_t id = 1;
	for (uint32_t step = 0; step < hb->nsteps; step++) {
		for (; guarded < trace->nguarded && trace->guarded[guarded].at_step <= step; guarded++)
			if (perform_guarded(hb, &trace->guarded[guarded]))
				return -1;
		for (; id <= trace->ntasks && trace->tasks[id].at_step <= step; id++)
			if (born(hb, id))
				return -1;
		if (perform_step(hb, step))
			return -1;
	}
	return 0;
}

/* Waited with, or held while a condition was signalled: what the condition is about is under that mutex. */
static int find_monitors(struct hb *hb)
{
	const struct trace *trace = hb->trace;
	uint32_t *held = calloc(hb->width, sizeof(*held)); /* the mutex that each task took last */
	for (uint32_t i = 0; held && i < trace->nsteps; i++) {
		const struct request *request = &trace_step_announce(trace, i)->request;
		uint32_t *mine = &held[trace->steps[i].task];
		switch (request->op) {
		case OP_MUTEX_LOCK: case OP_MUTEX_TRYLOCK: case OP_MUTEX_TIMEDLOCK:
			*mine = request->object;
			break;
		case OP_COND_WAIT: case OP_COND_TIMEDWAIT:
			hb->monitors[request->second] = true;
			break;
		case OP_COND_SIGNAL: case OP_COND_BROADCAST:
			hb->monitors[*mine] = true;
			break;
		default:
			break;
		}
	}
	bool short_of_memory = !held;
	free(held);
	return short_of_memory ? -1 : 0;
}

struct hb *hb_open(const struct trace *trace, enum hb_mode mode, uint32_t nsteps)
{
	struct hb *hb = calloc(1, sizeof(*hb));
	if (!hb)
		return NULL;
	hb->trace = trace;
	hb->mode = mode;
	hb->nsteps = nsteps < trace->nsteps ? nsteps : trace->nsteps;
	hb->width = trace->ntasks + 1;
	hb->locals = calloc(hb->nsteps + 1, sizeof(*hb->locals));
	hb->versions = calloc(hb->nsteps + 1, sizeof(*hb->versions));
	hb->now = calloc((size_t)hb->width * hb->width, sizeof(*hb->now));
	hb->version = calloc(hb->width, sizeof(*hb->version));
	hb->objects = calloc(trace->nobjects + 1, sizeof(*hb->objects));
	hb->monitors = calloc(trace->nobjects + 1, sizeof(*hb->monitors));
	bool short_of_memory = !hb->locals || !hb->versions || !hb->now || !hb->version || !hb->objects || !hb->monitors;
	if (!short_of_memory && mode == HB_SIGNALS)
		short_of_memory = find_monitors(hb) != 0;
	/* clock 0: nothing has happened */
	if (short_of_memory || version_new(hb, 0) || read_steps(hb)) {
		hb_close(hb);
		return NULL;
	}
	return hb;
}

bool hb_before(const struct hb *hb, uint32_t left, uint32_t right)
{
	uint16_t task = hb->trace->steps[left].task;
	if (left >= right)
		return false;
	if (task == hb->trace->steps[right].task)
		return true;
	return hb->clocks[(size_t)hb->versions[right] * hb->width + task] >= hb->locals[left];
}

bool hb_is_concurrent(const struct hb *hb, uint32_t left, uint32_t right)
{
	return left != right && !hb_before(hb, left, right) && !hb_before(hb, right, left);
}

void hb_close(struct hb *hb)
{
	if (!hb)
		return;
	for (uint32_t i = 0; hb->objects && i <= hb->trace->nobjects; i++)
		free(hb->objects[i]);
	free(hb->objects);
	free(hb->monitors);
	free(hb->version);
	free(hb->now);
	free(hb->clocks);
	free(hb->versions);
	free(hb->locals);
	free(hb);
}
