#include "replay.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "campaign.h"
#include "check.h"
#include "detect/detector.h"
#include "fingerprint.h"
#include "shared/limits.h"
#include "shared/plan.h"

struct replay {
	struct replay_options options;
	struct execution *execution;
	struct execution *references; /* for the oracle's reference executions, NULL: not running */
	struct oracle *oracle;        /* NULL: not needed yet */
	const struct symbols *symbols;
	bool has_hash;
	uint64_t hash;                /* that identical replays have */
	bool has_judged, judged_found;
	uint64_t judged_hash;         /* of the execution judged last */
	uint64_t number;
};

struct trouble {
	char *reason;
	size_t reason_bytes;
	int *exit_code;
};

struct replay *replay_open(const struct replay_options *options, char *reason, size_t reason_bytes, int *exit_code)
{
	struct replay *replay = calloc(1, sizeof(*replay));

	if (!replay) {
		snprintf(reason, reason_bytes, "out of memory");
		*exit_code = EXIT_INTERNAL;
		return NULL;
	}
	replay->options = *options;
	replay->has_hash = options->schedule->has_trace;
	replay->hash = options->schedule->trace;
	replay->options.execution.stacks = true;
	replay->execution = execution_open(&replay->options.execution, reason, reason_bytes, exit_code);
	if (replay->execution)
		return replay;
	free(replay);
	return NULL;
}

struct control *replay_control(struct replay *replay)
{
	return execution_control(replay->execution);
}

void replay_use_symbols(struct replay *replay, const struct symbols *symbols)
{
	replay->symbols = symbols;
}

static uint16_t find_chooser(const char *name)
{
	static const char *const names[] = {
#define X(identifier, text) [CHOOSER_##identifier] = text,
		CHOOSERS(X)
#undef X
	};
	uint16_t id;

	for (id = 0; name && id < CHOOSER_COUNT; id++)
		if (strcmp(names[id], name) == 0)
			return id;
	return CHOOSER_FIRST;
}

/* As many as the schedule has: where they may come from is not asked beyond those. */
static uint32_t count_faults(const struct schedule *schedule)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < schedule->nlines; i++)
		n += schedule->lines[i].kind == CHOICE_FAULT;
	return n;
}

static struct plan_draft draft_of(struct replay *replay, bool rich)
{
	return (struct plan_draft){.plan = {
		.number = ++replay->number,
		.seed = replay->options.seed,
		.clock_start_ns = CAMPAIGN_CLOCK_START_NS,
		.chooser = find_chooser(replay->options.schedule->chooser),
		.flags = (rich ? PLAN_RICH : 0) | (replay->options.schedule->observed ? PLAN_TIMELESS : 0),
		.max_steps = LIMIT_STEPS,
		.faults = count_faults(replay->options.schedule),
	}};
}

/*
 * Runs the references that the oracle asks for, in a captured target that ends with them. Returns how many it asked
 * for, -1 when they could not be run.
 */
static int run_references(struct replay *replay, const struct trouble *trouble)
{
	struct execution_options options = replay->options.execution;
	struct plan_draft draft = {0};
	struct observation observation;
	struct trace *trace;
	int result = 0, count = 0;

	options.pass_output = false;
	options.debugger = NULL;
	while (result == 0 && oracle_next(replay->oracle, &draft) == STRATEGY_READY) {
		if (!replay->references)
			replay->references = execution_open(&options, trouble->reason, trouble->reason_bytes,
				trouble->exit_code);
		draft.plan.number = ++replay->number;
		result = replay->references ? execution_run(replay->references, &draft, NULL, &trace, trouble->reason,
			trouble->reason_bytes, trouble->exit_code) : -1;
		if (result)
			break;
		result = execution_observe(replay->references, trace, &observation, trouble->reason, trouble->reason_bytes);
		if (result)
			*trouble->exit_code = EXIT_INTERNAL;
		else
			oracle_learn(replay->oracle, &observation);
		observation_close(&observation);
		trace_close(trace);
		plan_draft_clear(&draft);
		count++;
	}
	plan_draft_free(&draft);
	execution_close(replay->references);
	replay->references = NULL;
	return result ? -1 : count;
}

static int ask_oracle(struct replay *replay, struct replay_result *result, const struct trouble *trouble)
{
	struct observation observation;
	struct finding *finding = NULL;
	enum oracle_verdict verdict;
	int failed = execution_observe(replay->execution, result->trace, &observation, trouble->reason, trouble->reason_bytes);
	int count;

	if (!replay->oracle)
		replay->oracle = oracle_open(&replay->options.oracle);
	if (!replay->oracle)
		snprintf(trouble->reason, trouble->reason_bytes, "the databases can't be compared: out of memory");
	if (failed || !replay->oracle) {
		*trouble->exit_code = EXIT_INTERNAL;
		return -1;
	}
	do {
		count = run_references(replay, trouble);
		verdict = count < 0 ? ORACLE_LEGAL : oracle_judge(replay->oracle, &observation, &finding);
	} while (count > 0 && verdict == ORACLE_UNKNOWN);
	observation_close(&observation);
	if (verdict != ORACLE_ILLEGAL) {
		finding_close(finding);
		return count < 0 ? -1 : 0;
	}
	return finding ? finding_list_add(&result->findings, finding) : 0;
}

static bool wants_oracle(const struct replay *replay, const struct replay_result *result)
{
	const char *kind = replay->options.schedule->kind;

	if (!replay->options.oracle.serial || result->findings.n)
		return false;
	return !kind || strcmp(kind, "serializability") == 0;
}

static void compare(struct replay *replay, struct follower *follower, struct replay_result *result)
{
	const char *divergence;

	follower_finish(follower, result->trace);
	divergence = follower_divergence(follower);
	if (*divergence) {
		result->verdict = REPLAY_DIVERGED;
		snprintf(result->reason, sizeof(result->reason), "%s", divergence);
		return;
	}
	if (!replay->has_hash) {
		replay->has_hash = true;
		replay->hash = result->trace->result.hash;
	}
	result->verdict = result->trace->result.hash == replay->hash ? REPLAY_IDENTICAL : REPLAY_FOLLOWED;
}

static int run_check(struct replay *replay, struct replay_result *result)
{
	if (!replay->options.check || result->findings.n)
		return 0;
	return check_run(replay->options.check, execution_control(replay->execution), result->trace, &result->findings);
}

static int judge(struct replay *replay, struct replay_result *result, const struct trouble *trouble)
{
	uint64_t hash = result->trace->result.hash;
	uint32_t index;

	if (replay->has_judged && replay->judged_hash == hash) {
		result->found = replay->judged_found;
		return 0;
	}
	if (detector_judge(result->trace, &result->findings) || run_check(replay, result)) {
		snprintf(trouble->reason, trouble->reason_bytes, "the execution can't be judged: out of memory, or no shell");
		*trouble->exit_code = EXIT_INTERNAL;
		return -1;
	}
	if (wants_oracle(replay, result) && ask_oracle(replay, result, trouble))
		return -1;
	for (index = 0; index < result->findings.n; index++)
		result->findings.items[index]->fingerprint = fingerprint_of(result->findings.items[index], replay->symbols);
	result->found = result->findings.n > 0;
	replay->has_judged = true;
	replay->judged_hash = hash;
	replay->judged_found = result->found;
	return 0;
}

int replay_run(struct replay *replay, bool rich, struct replay_result *result, char *reason, size_t reason_bytes,
	int *exit_code)
{
	struct trouble trouble = {reason, reason_bytes, exit_code};
	struct plan_draft draft = draft_of(replay, rich);
	struct follower *follower;
	int failed;

	memset(result, 0, sizeof(*result));
	follower = follower_open(replay->options.schedule, replay->symbols, replay->options.best_effort);
	if (!follower) {
		snprintf(reason, reason_bytes, "out of memory");
		*exit_code = EXIT_INTERNAL;
		return -1;
	}
	failed = execution_run(replay->execution, &draft, follower, &result->trace, reason, reason_bytes, exit_code);
	if (!failed)
		compare(replay, follower, result);
	follower_close(follower);
	if (failed || (result->verdict == REPLAY_DIVERGED && !replay->options.best_effort))
		return failed;
	return judge(replay, result, &trouble);
}

const char *replay_output(struct replay *replay)
{
	bool truncated;
	size_t nbytes;

	return execution_output(replay->execution, &nbytes, &truncated);
}

void replay_result_clear(struct replay_result *result)
{
	finding_list_clear(&result->findings);
	trace_close(result->trace);
	result->trace = NULL;
}

void replay_close(struct replay *replay)
{
	if (!replay)
		return;
	oracle_close(replay->oracle);
	execution_close(replay->references);
	execution_close(replay->execution);
	free(replay);
}
