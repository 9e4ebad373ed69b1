/*
 * A target that was lost: it ended, or its fork server did, without an execution to show for it.
 */
#ifndef RACE_EXPLORER_LOSS_H
#define RACE_EXPLORER_LOSS_H

#include <stddef.h>

#include "shared/control.h"
#include "target.h"

/* Says why in a sentence, and returns the exit code for it. `status` is the process's, as wait() gives it. */
int loss_explain(const struct control *control, const struct target *target, int status, char *reason,
	size_t reason_bytes);

/* The last line that the runtime logged, into `line`; "" when there is none. */
void loss_log(const struct control *control, char *line, size_t nbytes);

#endif
