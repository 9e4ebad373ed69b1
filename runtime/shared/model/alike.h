/*
 * Who is enabled, asked of many tasks while nothing changes. Of those who wait for one object by an operation with
 * ACT_ALIKE, all but its owner are told the same, so the model is asked once for all that follow each other.
 */
#ifndef RACE_SHARED_ALIKE_H
#define RACE_SHARED_ALIKE_H

#include <stdbool.h>
#include <stdint.h>

#include "model.h"

/* The answer that was given last; all 0: none yet. */
struct alike {
	uint16_t op, owner;
	uint32_t object;
	bool ready;
};

static inline bool alike_holds(const struct alike *alike, const struct task *task)
{
	const struct request *request = &task->pending;

	return request->op == alike->op && request->object == alike->object && task->id != alike->owner &&
		!(request->flags & REQUEST_HOLD);
}

/* model_enabled() of a task whose operation has ACT_ALIKE; kept for the others. */
static inline bool alike_ask(struct alike *alike, const struct world *world, const struct task *task)
{
	const struct request *request = &task->pending;
	uint16_t owner = world->objects[request->object].owner;
	bool enabled = model_enabled(world, task);

	if (task->id != owner && !(request->flags & REQUEST_HOLD) && !model_ended(task))
		*alike = (struct alike){.op = request->op, .owner = owner, .object = request->object, .ready = enabled};
	return enabled;
}

/* As model_enabled(). */
static inline bool alike_enabled(struct alike *alike, const struct world *world, const struct task *task)
{
	if (alike_holds(alike, task))
		return alike->ready || model_ended(task);
	if (op_info(task->pending.op)->flags & ACT_ALIKE)
		return alike_ask(alike, world, task);
	return model_enabled(world, task);
}

#endif
