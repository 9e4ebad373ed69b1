#include "fallback.h"

#include <stdio.h>

#include "system_call.h"

bool fallback_take(struct control *control)
{
	if (control->carrier_loss == CARRIER_LOSS_NONE || control->settings.carrier == CARRIER_THREAD)
		return false;
	control->settings.carrier = CARRIER_THREAD;
	return true;
}

bool fallback_explain(const struct control *control, char *reason, size_t nbytes)
{
	const char *text = snapshot_loss_text(control->snapshot_loss);

	if (control->carrier_loss)
		snprintf(reason, nbytes, "%s", carrier_loss_text(control->carrier_loss));
	else if (control->snapshot_loss == SNAPSHOT_LOSS_CALL)
		snprintf(reason, nbytes, "%s: %s, %u times", text, system_call_name(control->snapshot_detail), control->nlosses);
	else if (control->snapshot_loss == SNAPSHOT_LOSS_SESSION)
		snprintf(reason, nbytes, "%s: %s: %u times", text, session_loss_text((unsigned int)control->snapshot_detail),
			control->nlosses);
	else if (control->snapshot_loss)
		snprintf(reason, nbytes, "%s: %u times", text, control->nlosses);
	else if (control->settings.reuse == REUSE_RESTORE && control->settings.carrier == CARRIER_THREAD)
		snprintf(reason, nbytes, "threads of the kernel can't be restored");
	else
		return false;
	return true;
}
