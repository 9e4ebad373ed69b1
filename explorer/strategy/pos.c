/* Partial order sampling: Yuan, Yang and Gu, CAV 2018. */
#include <stdlib.h>

#include "sample.h"

static void *pos_open(const struct strategy_options *options)
{
	return sample_open(options, CHOOSER_POS);
}

const struct strategy strategy_pos = {
	.name = "pos",
	.help = "random priorities that are drawn anew after conflicts (partial order sampling)",
	.open = pos_open,
	.next = sample_next,
	.foresee = sample_foresee,
	.blind = true,
	.learn = sample_learn,
	.exhaustion = sample_exhaustion,
	.close = free,
};
