/*
 * Fuzz target: any bytes read as a trace, and everything that looks at traces run on what comes out.
 *
 *     clang -g -fsanitize=fuzzer,address,undefined $FLAGS tests/fuzz/trace_read_fuzz.c $SOURCES   with libFuzzer
 *     gcc -g -fsanitize=address,undefined -DFUZZ_MAIN $FLAGS tests/fuzz/trace_read_fuzz.c $SOURCES  runs the files named
 *
 * with FLAGS="-std=gnu17 -D_GNU_SOURCE -Iruntime -I." and SOURCES those of explorer/ and runtime/shared/.
 * unit/trace_read_fuzz_test.c drives it with mutated genuine traces in every `make check`.
 *
 * The first byte of the input is the outcome; the rest are records.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "explorer/detect/detector.h"
#include "explorer/hb.h"
#include "explorer/minimize.h"
#include "explorer/schedule.h"
#include "explorer/strategy/strategy.h"
#include "explorer/strategy/suspicion.h"
#include "explorer/trace_read.h"
#include "tests/unit/control_block.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t nbytes);

static int count_suspicion(void *state, const struct suspicion *suspicion)
{
	*(uint64_t *)state += suspicion->nchoices;
	return 0;
}

static void strategies_learn(const struct trace *trace)
{
	struct strategy_options options = {.bound = BOUND_NONE};
	struct plan_draft draft = {.plan = {.number = 1}};
	for (size_t i = 0; strategy_list()[i]; i++) {
		const struct strategy *strategy = strategy_list()[i];
		void *state = strategy->open(&options);
		plan_draft_clear(&draft);
		if (state && strategy->next(state, &draft) == STRATEGY_READY)
			strategy->learn(state, draft.plan.number, trace, false);
		if (state)
			strategy->close(state);
	}
	plan_draft_free(&draft);
}

/* The schedule of any trace prints, and what it printed parses to the same. */
static void schedule_it(const struct trace *trace)
{
	struct schedule *schedule = schedule_from_trace(trace, NULL);
	char *text = NULL, reason[256];
	size_t nbytes = 0;
	FILE *out = open_memstream(&text, &nbytes);
	if (!schedule || !out || schedule_print(schedule, out) || fclose(out))
		abort();
	struct schedule *again = schedule_parse(text, nbytes, reason, sizeof(reason));
	if (!again || !schedule_equal(schedule, again))
		abort();
	schedule_close(again);
	schedule_close(schedule);
	free(text);
	minimize_close(minimize_open(trace));
}

static void look_at(const struct trace *trace)
{
	struct finding_list findings = {0};
	struct directive *prefix = calloc(trace->nchoices + 1, sizeof(*prefix));
	uint64_t sum = 0;
	if (prefix)
		sum += trace_prefix(trace, trace->nchoices, prefix, trace->nchoices);
	detector_judge(trace, &findings);
	detector_lock_order.judge(trace, &findings);
	suspicion_find(trace, count_suspicion, &sum);
	strategies_learn(trace);
	struct hb *hb = hb_open(trace, HB_ALL, trace->nsteps);
	for (uint32_t i = 1; hb && i < trace->nsteps; i++)
		sum += hb_before(hb, i - 1, i);
	for (uint32_t i = 0; i < trace->nannounces; i++)
		sum += trace_statement_text(trace, trace->announces[i].request.statement)[0];
	hb_close(hb);
	schedule_it(trace);
	free(prefix);
	finding_list_clear(&findings);
}

/* Two statements with a text and a table each, like those of a small program. */
static const struct control *campaign(void)
{
	static struct control *control;
	if (control)
		return control;
	control = control_block_new();
	if (!control)
		abort();
	memcpy(control->text, "\0SELECT ?\0UPDATE ?", 19);
	control->text_used = 19;
	control->nstatements = 2;
	control->statements[1] = (struct statement){
		.hash = 1, .text = 1, .kind = STATEMENT_READ, .ntables = 1, .tables = {{.table = 5, .reads = 1}}};
	control->statements[2] = (struct statement){
		.hash = 2, .text = 10, .kind = STATEMENT_WRITE, .ntables = 1, .tables = {{.table = 5, .writes = 1}}};
	return control;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t nbytes)
{
	struct result result = {.outcome = nbytes ? data[0] % OUTCOME_COUNT : 0};
	const char *reason = NULL;
	void *aligned = malloc(nbytes + 1);
	if (!aligned || nbytes == 0) {
		free(aligned);
		return 0;
	}
	memcpy(aligned, data + 1, nbytes - 1);
	struct trace *trace = trace_read(aligned, nbytes - 1, &result, campaign(), &reason);
	if (trace)
		look_at(trace);
	else if (!reason)
		abort();
	trace_close(trace);
	free(aligned);
	return 0;
}

#ifdef FUZZ_MAIN
int main(int argc, char **argv)
{
	static uint8_t data[1 << 24];
	for (int i = 1; i < argc; i++) {
		FILE *file = fopen(argv[i], "rb");
		if (!file) {
			perror(argv[i]);
			return 1;
		}
		LLVMFuzzerTestOneInput(data, fread(data, 1, sizeof(data), file));
		fclose(file);
	}
	return 0;
}
#endif
