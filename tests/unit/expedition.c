#include "control_block.h"
#include "expedition.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

enum { MOST_IN_FLIGHT = 16 };

struct answer {
	uint64_t number;
	struct trace *trace;
};

struct hashes {
	uint64_t *values;
	uint32_t n;
};

/* The statements of a program, as the control block has them. Their texts are empty. */
static struct control *control_of(const struct simulator_program *program)
{
	struct control *control = control_block_new();
	assert_non_null(control);
	while (program->statements && program->statements[control->nstatements + 1].hash) {
		control->nstatements++;
		control->statements[control->nstatements] = program->statements[control->nstatements];
	}
	return control;
}

static struct trace *trace_of(struct simulator *simulator, const struct simulator_program *program)
{
	const char *reason = NULL;
	size_t nbytes;
	const void *bytes = simulator_trace(simulator, &nbytes);
	struct control *control = control_of(program);
	struct trace *trace = trace_read(bytes, nbytes, simulator_result(simulator), control, &reason);
	control_block_free(control);
	assert_non_null(trace);
	return trace;
}

static void hash_add(struct hashes *hashes, uint64_t hash)
{
	for (uint32_t i = 0; i < hashes->n; i++)
		if (hashes->values[i] == hash)
			return;
	hashes->values = realloc(hashes->values, (hashes->n + 1) * sizeof(*hashes->values));
	assert_non_null(hashes->values);
	hashes->values[hashes->n++] = hash;
}

static void count(struct expedition *expedition, const struct trace *trace, struct hashes *hashes)
{
	uint32_t cost = 0, outcome = trace->result.outcome;
	for (uint32_t i = 0; i < trace->nsteps; i++)
		cost += trace->steps[i].cost;
	expedition->executions++;
	expedition->outcomes[outcome]++;
	if (!expedition->first[outcome])
		expedition->first[outcome] = expedition->executions;
	if (cost > expedition->max_cost)
		expedition->max_cost = cost;
	hash_add(hashes, trace->result.hash);
	expedition->distinct = hashes->n;
}

/* Asks for plans and runs them until `wanted` answers are there. Returns how many there are. */
static uint32_t run_plans(struct expedition *expedition, void *state, struct simulator *simulator, struct hashes *hashes,
	struct answer *answers, bool *stop)
{
	uint32_t n = 0, wanted = expedition->in_flight ? expedition->in_flight : 1;
	struct plan_draft draft = {0};
	while (n < wanted && expedition->executions < expedition->max && !*stop) {
		draft.plan.number = expedition->executions + 1;
		plan_draft_clear(&draft);
		expedition->nloops++;
		enum strategy_next next = expedition->strategy->next(state, &draft);
		expedition->done = next == STRATEGY_DONE;
		if (next != STRATEGY_READY)
			break;
		assert_int_equal(draft.plan.nprefix, draft.nprefix);
		simulator_run(simulator, expedition->program, &draft.plan, draft.prefix);
		answers[n] = (struct answer){.number = draft.plan.number, .trace = trace_of(simulator, expedition->program)};
		count(expedition, answers[n].trace, hashes);
		*stop |= expedition->visit && !expedition->visit(expedition->context, answers[n].trace, &draft);
		n++;
	}
	plan_draft_free(&draft);
	return n;
}

void expedition_run(struct expedition *expedition)
{
	struct simulator *simulator = simulator_open();
	void *state = expedition->strategy->open(&expedition->options);
	struct hashes hashes = {0};
	struct answer answers[MOST_IN_FLIGHT];
	bool stop = false;
	assert_non_null(state);
	assert_in_range(expedition->in_flight, 0, MOST_IN_FLIGHT);
	for (uint32_t n = 1; n > 0 && !stop && expedition->executions < expedition->max;) {
		n = run_plans(expedition, state, simulator, &hashes, answers, &stop);
		for (uint32_t i = n; i-- > 0;) {
			expedition->strategy->learn(state, answers[i].number, answers[i].trace, false);
			trace_close(answers[i].trace);
		}
	}
	expedition->strategy->exhaustion(state, &expedition->exhaustion);
	expedition->strategy->close(state);
	free(hashes.values);
	simulator_close(simulator);
}

struct trace *expedition_trace(const struct simulator_program *program, const struct plan *plan,
	const struct directive *prefix)
{
	struct simulator *simulator = simulator_open();
	simulator_run(simulator, program, plan, prefix);
	struct trace *trace = trace_of(simulator, program);
	simulator_close(simulator);
	return trace;
}
