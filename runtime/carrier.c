#include "carrier.h"

#include "control.h"

const struct carrier *carrier_current(void)
{
	return control->settings.carrier == CARRIER_FIBER ? &carrier_fiber : &carrier_thread;
}

void carrier_open(void)
{
	control->world.processes[control_process].fibers = !carrier_current()->parallel;
}

void carrier_require_parallel(enum carrier_loss why)
{
	if (carrier_current()->parallel)
		return;
	control->carrier_loss = why;
	control_end(OUTCOME_REFUSED);
}
