#include "arrears.h"

bool arrears_is_placed(const struct request *request)
{
	if (request->flags & REQUEST_GUARDED)
		return false;
	switch (op_info(request->op)->object_kind) {
	case OBJECT_MUTEX:
		return request->op != OP_LIBRARY_LOCK;
	case OBJECT_TASK:
		return request->op == OP_JOIN;
	case OBJECT_COND: case OBJECT_RWLOCK: case OBJECT_SEM: case OBJECT_BARRIER: case OBJECT_ONCE: case OBJECT_SPIN:
		return true;
	default:
		return false;
	}
}

uint32_t arrears_find(const struct arrears *arrears, uint32_t task, const struct ask *ask)
{
	for (uint32_t other = 1; other < LIMIT_TASKS; other++)
		if (other != task && arrears->tasks[other].line != 0 &&
			(task_set_has(&ask->enabled, other) || task_set_has(&ask->waiting, other)))
			return other;
	return 0;
}

bool arrears_are_none(const struct arrears *arrears, uint32_t task)
{
	for (uint32_t other = 1; other < LIMIT_TASKS; other++)
		if (other != task && arrears->tasks[other].line != 0)
			return false;
	return true;
}
