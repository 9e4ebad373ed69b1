#include "unwinder.h"

bool unwinder_wanted(struct control *control, const struct plan *plan)
{
	if (!(plan->flags & PLAN_RICH) || control->settings.stacks)
		return false;
	control->settings.stacks = 1;
	return true;
}
