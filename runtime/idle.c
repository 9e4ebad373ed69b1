#include "idle.h"

#include "control.h"
#include "module.h"
#include "point.h"
#include "self.h"
#include "shared/turn.h"
#include "task.h"

enum {
	LOOKS = 1000,
	FIRST_LEAP_NS = 1000000,
	LEAPS = 20, /* the longest is FIRST_LEAP_NS << LEAPS: a quarter of an hour */
};

/* Operations of the task are counted by task.nops: where that has not changed, nothing was done in between. */
static __thread struct {
	uint32_t looked_at, nlooks, nleaps;
	uint32_t tried_at, object;
	uint32_t nrefused;
} idle __attribute__((tls_model("initial-exec")));

/* A library that is called by the program offers no choice; its wait must do with the time that passes. */
static void yield(void)
{
	struct request request = {.op = OP_YIELD, .site = self.site};

	if (!module_is_guarded(self.site))
		point(&request);
}

void idle_look(void)
{
	const struct task *task = task_self();

	if (idle.looked_at != task->nops) {
		idle.looked_at = task->nops;
		idle.nlooks = 0;
		idle.nleaps = 0;
	}
	if (++idle.nlooks < LOOKS)
		return;
	turn_pass(&control->world, (uint64_t)FIRST_LEAP_NS << idle.nleaps);
	yield();
	idle.looked_at = task->nops;
	idle.nlooks = 0;
	if (idle.nleaps < LEAPS)
		idle.nleaps++;
}

void idle_try(uint32_t object, bool failed)
{
	const struct task *task = task_self();

	if (failed && idle.object == object && idle.tried_at + 1 == task->nops)
		yield();
	idle.object = failed ? object : 0;
	idle.tried_at = task->nops;
}

void idle_refused(void)
{
	if (idle.nrefused++ > 0)
		yield();
}
