/* Faults that did not come: connections are lost where it matters whether the other side has done what it was asked. */
#include "suspicion_view.h"

#include "shared/choice.h"
#include "strategy.h"

static uint64_t signature_of(const struct suspicion_view *view, const struct trace_value_choice *choice, uint32_t fault)
{
	uint64_t place = choice->at_step > 0 ? suspicion_place(view, choice->at_step - 1) : 0;

	return strategy_mix(strategy_mix(SUSPICION_FAULT, place), (uint64_t)fault << 16 | choice->task);
}

int suspicion_faults(const struct suspicion_view *view)
{
	const struct trace *trace = view->trace;

	for (uint32_t i = 0; i < trace->nvalue_choices; i++) {
		const struct trace_value_choice *choice = &trace->value_choices[i];
		if (choice->kind != CHOICE_FAULT || choice->at_step > view->nsteps)
			continue;
		for (uint32_t fault = 0; fault < choice->n; fault++) {
			struct suspicion suspicion = {.rank = SUSPICION_FAULT, .nchoices = choice->choice, .nruns = 1,
				.signature = signature_of(view, choice, fault)};
			suspicion.runs[0] = (struct directive){.form = DIRECTIVE_TAKE, .kind = CHOICE_FAULT, .task = choice->task,
				.value = fault};
			if (fault != choice->taken && view->found(view->state, &suspicion))
				return -1;
		}
	}
	return 0;
}
