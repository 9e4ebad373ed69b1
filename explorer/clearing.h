/*
 * Cleaning up: the harness empties tables when units have worked, so that what they have left there is not in the outcome.
 */
#ifndef RACE_EXPLORER_CLEARING_H
#define RACE_EXPLORER_CLEARING_H

#include "unit.h"

/* The first statement of the harness that does, behind a touch of a unit; NULL: none. Lives as long as the trace. */
const char *clearing_find(const struct unit_list *units);

#endif
