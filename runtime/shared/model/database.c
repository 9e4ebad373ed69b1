#include "model.h"
#include "retry.h"

/* Calls of a database client are genuine; the model only knows for whom it is worth trying again. */
static bool database_enabled(const struct world *world, const struct task *task)
{
	if (task->pending.op == OP_DB_STATEMENT)
		return retry_is_enabled(world, &task->pending);
	return task->pending.op != OP_DB_WAIT || world->objects[task->pending.object].version != task->pending.argument;
}

static int64_t database_apply(struct world *world, struct task *task)
{
	/* whatever a statement did, it may have let others have what they wait for */
	if (task->pending.op == OP_DB_STATEMENT)
		world->objects[task->pending.object].version++;
	return 0;
}

const struct model model_database = {database_enabled, database_apply, NULL};
