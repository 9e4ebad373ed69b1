#include "oracle.h"

#include <stdlib.h>
#include <string.h>

#include "judgement.h"
#include "knowledge.h"

/* Start of the clock, and how much later it starts in every second run of an order: 40 d 3 h 7 min 11 s. */
#define CLOCK_START_NS 1700000000000000000ULL
#define CLOCK_SHIFT_NS ((((40ULL * 24 + 3) * 60 + 7) * 60 + 11) * 1000000000ULL)
#define SEED_SHIFT 0x9e3779b97f4a7c15ULL

struct oracle {
	uint64_t seed;
	bool serial, reads;
	struct knowledge knowledge;
	uint32_t nunits, npairs, nsuspects, nrefused;
	uint64_t *refused; /* identities of the units that were refused at some time */
};

struct oracle *oracle_open(const struct oracle_options *options)
{
	struct oracle *oracle = calloc(1, sizeof *oracle);
	struct agenda_item first = {0};

	if (!oracle)
		return NULL;
	oracle->seed = options->seed;
	oracle->serial = options->serial;
	oracle->reads = options->reads;
	if (knowledge_init(&oracle->knowledge, options->ignores) == 0 &&
	    (!oracle->serial || agenda_want(&oracle->knowledge.agenda, &first) >= 0))
		return oracle;
	oracle_close(oracle);
	return NULL;
}

enum strategy_next oracle_next(struct oracle *oracle, struct plan_draft *draft)
{
	struct agenda *agenda = &oracle->knowledge.agenda;
	const struct agenda_item *item = agenda_next(agenda);
	struct plan *plan = &draft->plan;

	if (!item)
		return agenda->nanswered < agenda->nasked ? STRATEGY_WAIT : STRATEGY_DONE;
	plan->chooser = CHOOSER_SERIAL;
	plan->flags |= (item->marked ? PLAN_MARK : 0) | (item->other ? PLAN_REORDER : 0) | (item->moved ? PLAN_REORDER_NEW : 0);
	plan->seed = oracle->seed + (item->other ? SEED_SHIFT : 0);
	plan->clock_start_ns = CLOCK_START_NS + (item->other ? CLOCK_SHIFT_NS : 0);
	plan->max_steps = LIMIT_STEPS;
	plan->norder = item->norder;
	plan->mark = item->mark;
	memcpy(plan->order, item->order, item->norder * sizeof *item->order);
	return STRATEGY_READY;
}

static void note_units(struct oracle *oracle, const struct unit_list *units, bool exploring)
{
	uint32_t npairs = exploring ? unit_noverlapping(units) : 0;

	oracle->nunits = units->n > oracle->nunits ? units->n : oracle->nunits;
	oracle->npairs = npairs > oracle->npairs ? npairs : oracle->npairs;
}

void oracle_learn(struct oracle *oracle, const struct observation *observation)
{
	struct unit_list *units = unit_list_open(observation->trace);

	if (!units) {
		oracle->knowledge.memory_short = true;
		return;
	}
	note_units(oracle, units, false);
	knowledge_learn(&oracle->knowledge, observation, units);
	unit_list_close(units);
}

/* The refused units are listed for the result, each once. */
static void note_refused(struct oracle *oracle, const struct judgement *judgement)
{
	for (uint32_t i = 0; judgement->nrefused && i < judgement->units->n; i++) {
		const struct unit *unit = &judgement->units->items[i];
		bool known = !judgement->refused[i];
		for (uint32_t j = 0; j < oracle->nrefused && !known; j++)
			known = oracle->refused[j] == unit->identity;
		uint64_t *grown = known ? NULL : realloc(oracle->refused, (oracle->nrefused + 1UL) * sizeof *grown);
		if (!grown)
			continue;
		oracle->refused = grown;
		grown[oracle->nrefused++] = unit->identity;
		knowledge_remark(&oracle->knowledge, "refused: %s was turned away by the database and did nothing in some "
			"executions", unit->name);
	}
}

static enum oracle_verdict judge_units(struct oracle *oracle, const struct observation *observation,
	struct unit_list *units, struct finding **finding)
{
	struct knowledge *knowledge = &oracle->knowledge;
	struct judgement judgement;

	/* other endings are the detectors' business */
	if (observation->trace->result.outcome != OUTCOME_EXITED || unit_ntouching(units) < 2)
		return ORACLE_LEGAL;
	if (knowledge->agenda.nanswered < knowledge->agenda.nitems)
		return knowledge->memory_short ? ORACLE_SUSPECT : ORACLE_UNKNOWN;
	if (judgement_init(&judgement, knowledge, observation, units) < 0)
		return ORACLE_SUSPECT;
	judgement.reads = oracle->reads;
	enum oracle_verdict verdict = judgement_reach(&judgement, finding);
	if (verdict == ORACLE_LEGAL)
		note_refused(oracle, &judgement);
	judgement_fini(&judgement);
	return verdict;
}

enum oracle_verdict oracle_judge(struct oracle *oracle, const struct observation *observation,
	struct finding **finding)
{
	if (!oracle->serial)
		return ORACLE_LEGAL;
	struct unit_list *units = unit_list_open(observation->trace);
	enum oracle_verdict verdict = units ? judge_units(oracle, observation, units, finding) : ORACLE_SUSPECT;
	unit_list_close(units);
	return verdict;
}

/* Threads are units where nothing is marked, the first one is none; no more pairs of them can overlap than there are. */
bool oracle_is_told(const struct oracle *oracle, const struct result *result)
{
	uint32_t nunits = result->ntasks > 0 ? result->ntasks - 1 : 0;

	return !(result->remarks & REMARK_WORK) && nunits <= oracle->nunits &&
		(uint64_t)nunits * (nunits > 0 ? nunits - 1 : 0) / 2 <= oracle->npairs;
}

void oracle_note(struct oracle *oracle, const struct trace *trace, enum oracle_verdict verdict)
{
	struct unit_list *units = trace->unread ? NULL : unit_list_open(trace);

	oracle->nsuspects += verdict == ORACLE_SUSPECT;
	if (units)
		note_units(oracle, units, true);
	unit_list_close(units);
}

void oracle_summary(const struct oracle *oracle, struct oracle_summary *out)
{
	static const char *const none[] = {NULL};
	const struct knowledge *knowledge = &oracle->knowledge;

	*out = (struct oracle_summary){
		.units = oracle->nunits,
		.overlapping_pairs = oracle->npairs,
		.references = knowledge->agenda.nanswered,
		.refused = oracle->nrefused,
		.suspects = oracle->nsuspects,
		.nremarks = knowledge->nremarks,
		.remarks = knowledge->nremarks ? knowledge->remarks : none,
	};
}

void oracle_close(struct oracle *oracle)
{
	if (!oracle)
		return;
	knowledge_fini(&oracle->knowledge);
	free(oracle->refused);
	free(oracle);
}
