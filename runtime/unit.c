#include "unit.h"

#include <string.h>

#include "control.h"
#include "inquiry.h"
#include "object.h"
#include "point.h"
#include "record.h"
#include "redirect.h"
#include "shared/hash.h"
#include "task.h"

static void mark_point(enum op op, uint64_t identity, uint64_t site)
{
	struct request request = {
		.op = (uint16_t)op,
		.object = object_global(OBJECT_UNIT, identity, ""),
		.argument = identity,
		.site = site,
	};

	point(&request);
}

void unit_begin(const char *name, uint64_t site)
{
	struct task *task = task_self();
	uint64_t identity = (hash_text(name) ^ task->identity) * 0x9e3779b97f4a7c15ULL + ++task->nunits;

	mark_point(OP_UNIT_BEGIN, identity, site);
	task->unit = identity;
	record_unit(true, ++control->world.nunits, identity, name);
}

void unit_end(uint64_t site)
{
	struct task *task = task_self();
	uint64_t identity = task->unit;

	if (identity == 0)
		return;
	mark_point(OP_UNIT_END, identity, site);
	record_unit(false, 0, identity, "");
	task->unit = 0;
}

static int belongs(const struct task *task, uint64_t identity)
{
	if (task->unit == identity)
		return 1;
	for (uint32_t id = task->id; id != 0; id = control->world.tasks[id].parent)
		if (control->world.tasks[id].identity == identity)
			return 1;
	return 0;
}

/* Tables may have been made, and filled, by who touched them before. */
static void reorder(void)
{
	struct world *world = &control->world;

	if (!(control_plan()->flags & PLAN_REORDER_NEW) || control->npeers == 0 || world->reordered == task_self()->id)
		return;
	world->reordered = task_self()->id;
	inquiry_ask(INQUIRY_REORDER, 0);
}

void unit_touches(void)
{
	const struct plan *plan = control_plan();
	struct world *world = &control->world;

	reorder();
	if (!(plan->flags & PLAN_MARK) || world->marked || plan->mark >= LIMIT_UNITS)
		return;
	if (!belongs(task_self(), plan->order[plan->mark]))
		return;
	world->marked = 1;
	redirect_mark();
	if (control->npeers > 0)
		inquiry_ask(INQUIRY_MARK, 0);
}
