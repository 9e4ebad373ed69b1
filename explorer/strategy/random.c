/* Random walk: every alternative of every choice is equally likely. */
#include <stdlib.h>

#include "sample.h"

static void *random_open(const struct strategy_options *options)
{
	return sample_open(options, CHOOSER_RANDOM);
}

const struct strategy strategy_random = {
	.name = "random",
	.help = "a uniform choice at every scheduling point",
	.open = random_open,
	.next = sample_next,
	.foresee = sample_foresee,
	.blind = true,
	.learn = sample_learn,
	.exhaustion = sample_exhaustion,
	.close = free,
};
