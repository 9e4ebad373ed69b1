/*
 * Strategies that only draw: each execution is another seed of one chooser. They run the whole of max_executions and
 * never claim exhaustion. random, pct and pos differ in the chooser and in what they set beside it.
 */
#ifndef RACE_EXPLORER_SAMPLE_H
#define RACE_EXPLORER_SAMPLE_H

#include "strategy.h"

/* strategy.open for a chooser (enum chooser_id). Depth and length of plans are only set for CHOOSER_PCT. */
void *sample_open(const struct strategy_options *options, uint16_t chooser);

/* The other functions of the vtable; close with free. */
enum strategy_next sample_next(void *state, struct plan_draft *draft);
bool sample_foresee(const void *state, uint32_t distance, struct plan_draft *draft);
void sample_learn(void *state, uint64_t number, const struct trace *trace, bool found);
void sample_exhaustion(const void *state, struct exhaustion *out);

#endif
