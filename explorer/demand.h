/*
 * What a line of a schedule asks for, in the words of somebody who did not get it: "charge never reached mutex-lock m".
 */
#ifndef RACE_EXPLORER_DEMAND_H
#define RACE_EXPLORER_DEMAND_H

#include <stdio.h>

#include "schedule.h"

void demand_print(const struct schedule_line *line, FILE *out);

#endif
