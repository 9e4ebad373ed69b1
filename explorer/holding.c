#include "holding.h"

#include <errno.h>
#include <stdlib.h>

#include "shared/model/model.h"

/* One operation as far as locks are concerned, announced or guarded. */
struct action {
	uint16_t task, op;
	uint32_t object, second, step, announce;
	uint64_t site;
	int64_t result;
};

static struct holding *find(struct holdings *holdings, uint16_t task, uint32_t object)
{
	for (uint32_t i = 0; i < holdings->n; i++)
		if (holdings->items[i].task == task && holdings->items[i].object == object)
			return &holdings->items[i];
	return NULL;
}

static void drop(struct holdings *holdings, struct holding *holding)
{
	*holding = holdings->items[--holdings->n];
}

/* Whoever takes a lock alone ends what others held: their death has given it back. */
static void drop_others(struct holdings *holdings, uint16_t task, uint32_t object)
{
	for (uint32_t i = holdings->n; i-- > 0;)
		if (holdings->items[i].object == object && holdings->items[i].task != task)
			drop(holdings, &holdings->items[i]);
}

static int acquire(struct holdings *holdings, const struct action *action, uint32_t object, bool shared)
{
	struct holding *mine = find(holdings, action->task, object);
	struct holding taken = {.object = object, .count = 1, .step = action->step, .announce = action->announce,
		.site = action->site, .task = action->task, .shared = shared};
	if (!object)
		return 0;
	if (mine) {
		mine->count++;
		mine->shared &= shared;
		return 0;
	}
	if (holdings->acquired)
		holdings->acquired(holdings->state, holdings, &taken);
	if (!shared)
		drop_others(holdings, action->task, object);
	if (holdings->n == holdings->capacity) {
		uint32_t capacity = holdings->capacity ? holdings->capacity * 2 : 16;
		struct holding *items = realloc(holdings->items, capacity * sizeof(*items));
		if (!items)
			return -1;
		holdings->items = items;
		holdings->capacity = capacity;
	}
	holdings->items[holdings->n++] = taken;
	return 0;
}

static void release(struct holdings *holdings, uint16_t task, uint32_t object, bool wholly)
{
	struct holding *mine = find(holdings, task, object);
	if (mine && (wholly || --mine->count == 0))
		drop(holdings, mine);
}

static void post(struct holdings *holdings, const struct action *action)
{
	if (!find(holdings, action->task, action->object))
		holdings->signals[action->object] = true;
	release(holdings, action->task, action->object, false);
}

/* Locks of a process on files end with it; the file of such a lock does not name its holder otherwise. */
static void process_ended(struct holdings *holdings, uint16_t task)
{
	const struct trace *trace = holdings->trace;
	for (uint32_t i = holdings->n; i-- > 0;) {
		struct holding *holding = &holdings->items[i];
		uint16_t kind = trace->objects[holding->object].kind;
		if (trace->tasks[holding->task].process == trace->tasks[task].process &&
			(kind == OBJECT_FILE_LOCK || kind == OBJECT_DATABASE))
			drop(holdings, holding);
	}
}

static int take(struct holdings *holdings, const struct action *action)
{
	bool taken = action->result == 0 || action->result == EOWNERDEAD;
	switch (action->op) {
	case OP_MUTEX_LOCK: case OP_MUTEX_TRYLOCK: case OP_MUTEX_TIMEDLOCK: case OP_LIBRARY_LOCK:
	case OP_SPIN_LOCK: case OP_SPIN_TRYLOCK:
	case OP_RWLOCK_WRLOCK: case OP_RWLOCK_TRYWRLOCK: case OP_RWLOCK_TIMEDWRLOCK:
		return taken ? acquire(holdings, action, action->object, false) : 0;
	case OP_RWLOCK_RDLOCK: case OP_RWLOCK_TRYRDLOCK: case OP_RWLOCK_TIMEDRDLOCK:
	case OP_SEM_WAIT: case OP_SEM_TRYWAIT: case OP_SEM_TIMEDWAIT:
	case OP_FILE_LOCK: case OP_FILE_TRYLOCK:
		return taken ? acquire(holdings, action, action->object, true) : 0;
	case OP_ONCE_BEGIN:
		return action->result == MODEL_ONCE_RUN ? acquire(holdings, action, action->object, false) : 0;
	case OP_COND_WAKE: /* timed out or not, it has the mutex again */
		return acquire(holdings, action, action->second, false);
	default:
		return 0;
	}
}

static void give_back(struct holdings *holdings, const struct action *action)
{
	switch (action->op) {
	case OP_MUTEX_UNLOCK: case OP_LIBRARY_UNLOCK: case OP_SPIN_UNLOCK: case OP_RWLOCK_UNLOCK:
		if (action->result == 0)
			release(holdings, action->task, action->object, false);
		break;
	case OP_ONCE_END: case OP_ONCE_ABORT: case OP_FILE_UNLOCK:
		release(holdings, action->task, action->object, true);
		break;
	case OP_COND_WAIT: case OP_COND_TIMEDWAIT:
		release(holdings, action->task, action->second, true);
		break;
	case OP_SEM_POST:
		post(holdings, action);
		break;
	case OP_PROCESS_EXIT:
		process_ended(holdings, action->task);
		break;
	case OP_MUTEX_DESTROY: case OP_RWLOCK_DESTROY: case OP_SEM_DESTROY:
		drop_others(holdings, 0, action->object);
		break;
	default:
		break;
	}
}

/* A connection holds its database while it is in a transaction; one that only reads shares it. */
static int transact(struct holdings *holdings, const struct trace_transaction *transaction)
{
	struct action action = {.task = transaction->task, .object = transaction->database,
		.step = transaction->at_step, .announce = HOLDING_GUARDED};
	struct holding *mine = find(holdings, action.task, action.object);
	if (transaction->at_step < holdings->trace->nsteps) {
		action.announce = holdings->trace->steps[transaction->at_step].announce;
		action.site = holdings->trace->announces[action.announce].request.site;
	}
	if (transaction->state == 0 || transaction->ended) {
		release(holdings, action.task, action.object, true);
		return 0;
	}
	if (mine) {
		mine->shared = transaction->state < 2;
		return 0;
	}
	return acquire(holdings, &action, action.object, transaction->state < 2);
}

static int perform(struct holdings *holdings, const struct action *action)
{
	give_back(holdings, action);
	return take(holdings, action);
}

static int perform_step(struct holdings *holdings, uint32_t index)
{
	const struct trace_step *step = &holdings->trace->steps[index];
	const struct trace_announce *announce = &holdings->trace->announces[step->announce];
	struct action action = {.task = step->task, .op = announce->request.op, .object = announce->request.object,
		.second = announce->request.second, .step = index, .announce = step->announce,
		.site = announce->request.site, .result = step->result};
	return step->done ? perform(holdings, &action) : 0;
}

static int perform_guarded(struct holdings *holdings, const struct trace_guarded *guarded)
{
	struct action action = {.task = guarded->task, .op = guarded->op, .object = guarded->object,
		.step = guarded->at_step ? guarded->at_step - 1 : 0, .announce = HOLDING_GUARDED,
		.site = guarded->site, .result = guarded->result};
	return perform(holdings, &action);
}

int holdings_replay(struct holdings *holdings, const struct trace *trace)
{
	uint32_t guarded = 0, transaction = 0;
	holdings->trace = trace;
	holdings->signals = calloc(trace->nobjects + 1, sizeof(*holdings->signals));
	if (!holdings->signals)
		return -1;
	for (uint32_t step = 0; step <= trace->nsteps; step++) {
		for (; guarded < trace->nguarded && trace->guarded[guarded].at_step <= step; guarded++)
			if (perform_guarded(holdings, &trace->guarded[guarded]))
				return -1;
		if (step < trace->nsteps && holdings->stepped)
			holdings->stepped(holdings->state, holdings, step);
		if (step < trace->nsteps && perform_step(holdings, step))
			return -1;
		for (; transaction < trace->ntransactions && trace->transactions[transaction].at_step <= step; transaction++)
			if (transact(holdings, &trace->transactions[transaction]))
				return -1;
	}
	return 0;
}

void holdings_fini(struct holdings *holdings)
{
	free(holdings->items);
	free(holdings->signals);
}

const struct holding *holdings_next(const struct holdings *holdings, uint32_t object, const struct holding *previous)
{
	const struct holding *at = previous ? previous + 1 : holdings->items;
	for (; at && at < holdings->items + holdings->n; at++)
		if (at->object == object && object && !holdings->signals[object])
			return at;
	return NULL;
}
