/*
 * Where units meet beside databases: objects that steps of two units are about (a lock, a condition, a pipe). Units that
 * meet nowhere share no work, as far as can be seen.
 */
#ifndef RACE_EXPLORER_MEETING_H
#define RACE_EXPLORER_MEETING_H

#include <stdbool.h>

#include "unit.h"

/* True also when memory is short. */
bool meeting_is(const struct unit_list *units);

#endif
