#include "loader.h"

#include "control.h"
#include "module.h"
#include "object.h"
#include "point.h"
#include "stack.h"

enum { FRAMES = 128 };

enum loading { LOADING_NOT, LOADING_ENTERED, LOADING_SEEN /* what is being loaded is in the table of modules */ };

static char loader_lock; /* its address stands for the lock, one in each process */

static uint32_t lock_object(void)
{
	uint32_t object = object_small(OBJECT_MUTEX, &loader_lock);

	if (object)
		control->world.objects[object].flags |= OBJECT_RECURSIVE;
	return object;
}

static void perform(enum op op, uint32_t object)
{
	struct request request = {.op = (uint16_t)op, .flags = REQUEST_GUARDED, .object = object, .site = self.site};

	point(&request);
}

void loader_enter(void)
{
	uint32_t object = lock_object();

	if (object == 0 || self.loading != LOADING_NOT)
		return;
	perform(OP_LIBRARY_LOCK, object);
	self.loading = LOADING_ENTERED;
}

void loader_wait(void)
{
	uint32_t object = lock_object();
	uint16_t owner = control->world.objects[object].owner;

	if (object == 0 || owner == 0 || owner == self.task)
		return;
	perform(OP_LIBRARY_LOCK, object);
	perform(OP_LIBRARY_UNLOCK, object);
}

static bool is_inside(void)
{
	uint64_t pcs[FRAMES];
	stack_open();
	uint32_t npcs = stack_walk(pcs, FRAMES);

	for (uint32_t i = 0; i < npcs; i++)
		if (module_is_loader(pcs[i]))
			return true;
	return false;
}

void loader_leave(void)
{
	if (is_inside()) {
		if (self.loading == LOADING_ENTERED)
			module_refresh();
		self.loading = LOADING_SEEN;
		return;
	}
	self.loading = LOADING_NOT;
	uint32_t object = lock_object();
	if (control->world.objects[object].owner == self.task) /* a child forked inside has a lock of its own */
		perform(OP_LIBRARY_UNLOCK, object);
	module_refresh();
}
