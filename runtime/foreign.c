#include "foreign.h"

#include <sys/syscall.h>

#include "carrier.h"
#include "control.h"
#include "point.h"
#include "self.h"
#include "sys.h"

bool foreign_threads;

static uint32_t nforeign;
static bool seen_by_others; /* processes, before we had any */

void foreign_begin(void)
{
	carrier_require_parallel(CARRIER_LOSS_CLONE);
	if (nforeign++ == 0)
		seen_by_others = control->world.seen & SEEN_FOREIGN;
	control->world.seen |= SEEN_FOREIGN;
	foreign_threads = true;
}

void foreign_end(void)
{
	point_ensure(); /* it was waited for */
	foreign_threads = --nforeign > 0;
	if (!foreign_threads && !seen_by_others)
		control->world.seen &= ~(uint32_t)SEEN_FOREIGN;
}

void foreign_forget(void)
{
	nforeign = 0;
	foreign_threads = false;
}

bool foreign_is_here(void)
{
	int tid = self.task < LIMIT_TASKS ? control->world.tasks[self.task].tid : 0;

	return tid > 0 && sys_call3(SYS_gettid, 0, 0, 0) != tid;
}

void foreign_excuse(void)
{
	if (control->world.seen & SEEN_FOREIGN)
		control_refuse(OBSTACLE_FOREIGN, "", 0);
}
