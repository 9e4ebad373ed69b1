/*
 * The directed search for use by other strategies; see directed.c.
 */
#ifndef RACE_EXPLORER_DIRECTED_H
#define RACE_EXPLORER_DIRECTED_H

#include "strategy.h"

/* As strategy_directed.open, but the first trace comes from elsewhere: through learn, like all others. */
void *directed_open_fed(const struct strategy_options *options);

/* Has it a candidate whose like was never tried? */
bool directed_is_promising(const void *state);

#endif
