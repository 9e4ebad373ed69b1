/*
 * Mixtures: outcomes in which workers have shared out a list of work.
 *
 * A worker that takes one job after another until there are none left is no atomic piece of work: run alone it does
 * them all, and in every other execution the jobs are spread. Such an outcome is a mixture of serial ones: each row and
 * each effect is one that some serial order gives, only not all of them together.
 */
#ifndef RACE_EXPLORER_MIXTURE_H
#define RACE_EXPLORER_MIXTURE_H

#include "explain.h"

/* Does the unit commit the same statement again and again? */
bool mixture_loops(const struct unit_list *units, uint32_t unit);

/* Did a unit loop in some reference? */
bool mixture_has_loops(const struct explain_question *question);

/* Is the ending a mixture of the references', by units of which some loop? False when memory is short. */
bool mixture_is(const struct explain_question *question);

#endif
