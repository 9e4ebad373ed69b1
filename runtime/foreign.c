#include "foreign.h"

#include <sys/syscall.h>

#include "carrier.h"
#include "control.h"
#include "self.h"
#include "sys.h"

bool foreign_threads;

void foreign_begin(void)
{
	carrier_require_parallel(CARRIER_LOSS_CLONE);
	control->world.seen |= SEEN_FOREIGN;
	foreign_threads = true;
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
