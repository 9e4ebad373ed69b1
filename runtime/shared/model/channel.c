#include "../delivery.h"
#include "model.h"
#include "retry.h"

/* What is in a channel and whether its ends are open the kernel knows; the model counts what was done to it. */
static bool channel_enabled(const struct world *world, const struct task *task)
{
	return !(op_info(task->pending.op)->flags & ACT_RETRY) || retry_is_enabled(world, &task->pending);
}

static int64_t channel_apply(struct world *world, struct task *task)
{
	const struct request *request = &task->pending;
	if (request->op == OP_POLL)
		return 0;
	if (request->object != 0) {
		world->objects[request->object].version++;
		world->channel_changes++;
		delivery_use(world, request->object, task->id, request->op == OP_PIPE_READ);
	}
	return 0;
}

const struct model model_channel = {channel_enabled, channel_apply, NULL};
