/*
 * Minimizing: from an execution that fails, proposes shorter ways to the same failure and learns which still fail.
 * Fewest preemptions first, then fewest lines of a schedule. Pure: the caller runs the candidates.
 *
 * The execution is taken as its stretches (stretch.h). A candidate takes preemptions away, by letting the preempted
 * task go on or by letting it start later, in ever smaller groups (Zeller and Hildebrandt, TSE 2002), or leaves out
 * stretches; the chooser `first` fills the gaps. What still fails and is smaller becomes the new base as it really
 * went, until no candidate is left: no single preemption can be taken away then, no single stretch left out.
 */
#ifndef RACE_EXPLORER_MINIMIZE_H
#define RACE_EXPLORER_MINIMIZE_H

#include <stdbool.h>

#include "strategy/strategy.h"
#include "trace_read.h"

struct minimize;

/* The trace is only read during the call. NULL when memory is short. */
struct minimize *minimize_open(const struct trace *trace);

/*
 * The next candidate: replaces the draft's prefix, sets the plan's chooser to FIRST and clears PLAN_STRICT; seed,
 * clock and the rest of the plan are the caller's, and should be those of the execution. STRATEGY_DONE: there is none
 * left, or memory is short. Each is followed by minimize_learn before the next.
 */
enum strategy_next minimize_next(struct minimize *minimize, struct plan_draft *draft);

/* What came of the candidate: its trace, and does it still fail in the same way? */
void minimize_learn(struct minimize *minimize, const struct trace *trace, bool still_fails);

/* The best execution so far, choice by choice: replaces the draft's prefix, as above. -1: memory is short. */
int minimize_best(const struct minimize *minimize, struct plan_draft *draft);

/* NULL does nothing. */
void minimize_close(struct minimize *minimize);

#endif
