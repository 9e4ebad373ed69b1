#include "die.h"

#include "control.h"
#include "say.h"
#include "sys.h"

void die(const char *reason)
{
	if (control) {
		say("die", reason, 0);
		control->world.outcome = OUTCOME_BROKEN;
	}
	sys_exit_group(EXIT_INTERNAL);
}
