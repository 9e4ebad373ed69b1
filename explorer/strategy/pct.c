/*
 * Probabilistic concurrency testing: Burckhardt, Kothari, Musuvathi and Nagarakatti, ASPLOS 2010. A bug of depth d in
 * n tasks and k steps is found with probability at least 1 / (n * k^(d-1)) in each execution.
 */
#include <stdlib.h>

#include "sample.h"

static void *pct_open(const struct strategy_options *options)
{
	return sample_open(options, CHOOSER_PCT);
}

const struct strategy strategy_pct = {
	.name = "pct",
	.help = "random priorities with a few changes (probabilistic concurrency testing)",
	.open = pct_open,
	.next = sample_next,
	.foresee = sample_foresee,
	.blind = true,
	.learn = sample_learn,
	.exhaustion = sample_exhaustion,
	.close = free,
};
