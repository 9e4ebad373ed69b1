/*
 * Private copies of the databases that a program works on. `base` holds what each was when the campaign met it, `live`
 * what executions see; before each execution live is made equal to base again.
 */
#ifndef RACE_EXPLORER_COPIES_H
#define RACE_EXPLORER_COPIES_H

#include <stddef.h>

#include "observation.h"
#include "shared/control.h"

/* Makes the folder of a campaign, in memory where that is possible, and names it in `folder`. -1 with errno. */
int copies_open(char *folder, size_t nbytes);

/* Puts the start state back. -1 and a sentence when a file can't be written. */
int copies_reset(struct control *control, char *reason, size_t reason_bytes);

/* Images of the live databases; of the marked ones too when the plan asked for them. */
int copies_observe(struct control *control, bool marked, struct observation *out);

#endif
