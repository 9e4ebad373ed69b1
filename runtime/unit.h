/*
 * Units that the program marks (race.h), and the moment at which a plan wants the databases copied.
 */
#ifndef RACE_UNIT_H
#define RACE_UNIT_H

#include <stdint.h>

/* A marked unit begins or ends in the calling task: a scheduling point each. */
void unit_begin(const char *name, uint64_t site);
void unit_end(uint64_t site);

/*
 * The calling task is about to touch a database or to have an effect: with PLAN_MARK, if it belongs to the plan's
 * marked unit, the live databases are copied aside first. With PLAN_REORDER_NEW tables are read in another order from now on.
 */
void unit_touches(void);

#endif
