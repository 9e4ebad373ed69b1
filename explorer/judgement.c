#include "judgement.h"

#include <stdlib.h>
#include <string.h>

#include "classify.h"
#include "meeting.h"
#include "mixture.h"

int judgement_init(struct judgement *judgement, struct knowledge *knowledge, const struct observation *observation,
	struct unit_list *units)
{
	*judgement = (struct judgement){.knowledge = knowledge, .observation = observation, .units = units, .lost = -1, .half = -1};
	judgement->ending = ending_open(observation, units, ENDING_WHOLE, ~0U, false);
	if (!judgement->ending)
		return -1;
	judgement->ending->status_counts = !knowledge->statuses_differ;
	return 0;
}

static int gather_answers(struct judgement *judgement)
{
	struct knowledge *knowledge = judgement->knowledge;
	size_t n = 0;

	for (uint32_t i = 0; i < knowledge->agenda.nanswered; i++)
		n += knowledge->references[i]->nunits;
	judgement->answers = calloc(n + 1, sizeof *judgement->answers);
	if (!judgement->answers)
		return -1;
	for (uint32_t i = 0; i < knowledge->agenda.nanswered; i++) {
		const struct reference *reference = knowledge->references[i];
		if (!reference->usable || reference->marked)
			continue;
		memcpy(judgement->answers + judgement->nanswers, reference->answers,
			reference->nunits * sizeof *reference->answers);
		judgement->nanswers += reference->nunits;
	}
	return 0;
}

static int find_refused(struct judgement *judgement)
{
	const struct unit_list *units = judgement->units;

	judgement->refused = calloc(units->n + 1UL, sizeof *judgement->refused);
	judgement->silent = calloc(units->n + 1UL, sizeof *judgement->silent);
	if (!judgement->refused || !judgement->silent || gather_answers(judgement) < 0)
		return -1;
	for (uint32_t i = 0; i < units->n; i++) {
		struct refusal_conduct conduct = refusal_conduct_of(units, i);
		enum refusal refusal = refusal_judge(&units->items[i], &conduct, judgement->answers, judgement->nanswers);
		if (!units->items[i].touches || refusal == REFUSAL_NONE)
			continue;
		judgement->silent[i] = refusal == REFUSAL_SILENT;
		judgement->refused[i] = !judgement->silent[i];
		judgement->nrefused += judgement->refused[i];
		if (judgement->silent[i] && judgement->lost < 0)
			judgement->lost = i;
		if (refusal == REFUSAL_TOLD && conduct.worked && judgement->half < 0)
			judgement->half = i;
	}
	return 0;
}

/* Did the harness change rows after the first unit had begun? */
static bool harness_wrote(const struct unit_list *units)
{
	const struct trace *trace = units->trace;
	uint32_t first = unit_first_step(units);

	for (uint32_t i = 0; i < trace->nrows; i++)
		if (trace->rows[i].at_step >= first && !unit_of(units, trace->rows[i].task, trace->rows[i].at_step))
			return true;
	return false;
}

/* An order of the units that were not refused, then the refused ones, with the mark between them. */
static struct agenda_item marked_item(const struct judgement *judgement, const struct serial_order *others)
{
	struct agenda_item item = {.marked = true, .norder = others->n, .mark = others->n};

	memcpy(item.order, others->units, others->n * sizeof *others->units);
	for (uint32_t i = 0; i < judgement->units->n && item.norder < LIMIT_UNITS; i++)
		if (judgement->refused[i])
			item.order[item.norder++] = judgement->units->items[i].identity;
	return item;
}

/* Is the execution what some order of the others gives, without the refused units? */
static enum oracle_verdict judge_refused(struct judgement *judgement)
{
	struct knowledge *knowledge = judgement->knowledge;
	struct serial_order_question question = {.units = judgement->units, .excluded = judgement->refused,
		.coupling = &knowledge->coupling};
	struct serial_order_list orders;
	enum oracle_verdict verdict = ORACLE_ILLEGAL;

	if (harness_wrote(judgement->units)) {
		knowledge_remark(knowledge, "not judged: a unit was refused and the program changed rows after it");
		return ORACLE_SUSPECT;
	}
	struct ending *ending = ending_open(judgement->observation, judgement->units, ENDING_PARTIAL, ~0U, false);
	uint64_t hash = ending ? ending_hash(ending, knowledge->mask) : 0;
	if (!hash || serial_order_list(&question, &orders) < 0) {
		knowledge->memory_short = true;
		ending_close(ending);
		return ORACLE_SUSPECT;
	}
	for (uint32_t i = 0; i < orders.n && verdict != ORACLE_LEGAL; i++) {
		struct agenda_item item = marked_item(judgement, &orders.items[i]);
		const struct reference *reference = knowledge_marked(knowledge, &item);
		if (!reference)
			verdict = ORACLE_UNKNOWN;
		else if (reference->usable && reference->hash == hash)
			verdict = ORACLE_LEGAL;
		else if (!reference->usable && verdict != ORACLE_UNKNOWN)
			verdict = ORACLE_SUSPECT;
	}
	if (verdict == ORACLE_ILLEGAL && !orders.complete)
		verdict = ORACLE_SUSPECT;
	serial_order_fini(&orders);
	ending_close(ending);
	return verdict;
}

/* Asks for every order that could explain the execution: by the conflict graph, or (`history` NULL) all there are. */
static enum oracle_verdict judge_orders(struct judgement *judgement, struct history *history, bool *cyclic)
{
	struct knowledge *knowledge = judgement->knowledge;
	struct serial_order_question question = {.units = judgement->units, .coupling = &knowledge->coupling,
		.history = history};
	struct serial_order_list orders;
	uint32_t nasked = 0, nlacking = 0;

	if (serial_order_list(&question, &orders) < 0) {
		knowledge->memory_short = true;
		return ORACLE_SUSPECT;
	}
	for (uint32_t i = 0; i < orders.n; i++) {
		enum knowledge_answer answer = knowledge_has(knowledge, &orders.items[i]);
		nasked += answer == KNOWLEDGE_ASKED;
		nlacking += answer == KNOWLEDGE_LACKS;
	}
	*cyclic = orders.cyclic;
	enum oracle_verdict verdict = orders.complete && nlacking == 0 ? ORACLE_ILLEGAL : ORACLE_SUSPECT;
	if (orders.ngroups < 2)
		verdict = ORACLE_COUPLED;
	else if (nasked > 0)
		verdict = ORACLE_UNKNOWN;
	serial_order_fini(&orders);
	return verdict;
}

/* First the orders that the conflict graph leaves, then, where it has no cycle, all others. */
static enum oracle_verdict judge_all_orders(struct judgement *judgement, bool *cyclic)
{
	bool ignored;
	enum oracle_verdict verdict = judge_orders(judgement, judgement->history, cyclic);

	if (verdict == ORACLE_ILLEGAL && !*cyclic)
		verdict = judge_orders(judgement, NULL, &ignored);
	return verdict;
}

/* No serial order has faults; where units have nothing in common but databases, it is the fault that made the outcome. */
static bool is_of_fault(const struct unit_list *units)
{
	const struct trace *trace = units->trace;
	bool came = false;

	for (uint32_t i = 0; i < trace->nvalue_choices && !came; i++)
		came = trace->value_choices[i].kind == CHOICE_FAULT && trace->value_choices[i].taken != FAULT_NONE;
	return came && !meeting_is(units);
}

/*
 * Something too often or missing is wrong however units share their work; who did what of it is not. The latter is seen
 * where the databases saw a serial order (`cyclic` false: the units also meet in memory), and in mixtures.
 */
static enum oracle_verdict judge_sharing(struct judgement *judgement, const struct explain_question *question,
	bool cyclic)
{
	struct classification classification = classify(question);

	if (classification.anomaly == ANOMALY_LOST_WORK ||
	    (classification.counted && (cyclic || !mixture_has_loops(question))))
		return ORACLE_ILLEGAL;
	if (is_of_fault(judgement->units))
		return ORACLE_ILLEGAL;
	if (!cyclic)
		knowledge_remark(judgement->knowledge, "not judged: an outcome that no serial order gives comes from what "
			"units share in memory, not in a database");
	else if (mixture_is(question))
		knowledge_remark(judgement->knowledge, "not judged: units that take one piece of work after another "
			"shared it out in a way that no serial order does");
	else
		return ORACLE_ILLEGAL;
	return ORACLE_SUSPECT;
}

/*
 * Units that had trouble and kept quiet about it: is the outcome what the others give without them? Then their work is
 * lost; if not, something else is wrong.
 */
static enum oracle_verdict judge_silent(struct judgement *judgement)
{
	if (judgement->lost < 0)
		return ORACLE_ILLEGAL;
	for (uint32_t i = 0; i < judgement->units->n; i++)
		judgement->refused[i] |= judgement->silent[i];
	enum oracle_verdict verdict = judge_refused(judgement);
	if (verdict == ORACLE_ILLEGAL)
		judgement->lost = -1;
	return verdict == ORACLE_UNKNOWN ? verdict : ORACLE_ILLEGAL;
}

/* None of the orders of all units gives the outcome, nor does refusing some explain it. */
static enum oracle_verdict judge_illegal(struct judgement *judgement, bool cyclic, struct finding **finding)
{
	struct knowledge *knowledge = judgement->knowledge;
	enum oracle_verdict verdict = judge_silent(judgement);

	if (verdict != ORACLE_ILLEGAL)
		return verdict;
	struct explain_question question = {.units = judgement->units, .history = judgement->history,
		.ending = judgement->ending, .references = knowledge->references,
		.nreferences = knowledge->agenda.nanswered, .mask = knowledge->mask, .lost = judgement->lost, .half = judgement->half};
	verdict = judge_sharing(judgement, &question, cyclic);
	if (verdict == ORACLE_ILLEGAL && finding)
		*finding = explain(&question);
	return verdict;
}

static enum oracle_verdict judge_unknown(struct judgement *judgement, struct finding **finding)
{
	struct knowledge *knowledge = judgement->knowledge;
	bool cyclic = false;

	judgement->history = history_open(judgement->units);
	if (!judgement->history || find_refused(judgement) < 0) {
		knowledge->memory_short = true;
		return ORACLE_SUSPECT;
	}
	knowledge_note_waits(knowledge, judgement->units);
	enum oracle_verdict verdict = judgement->nrefused ? judge_refused(judgement) : ORACLE_ILLEGAL;
	if (verdict != ORACLE_ILLEGAL)
		return verdict;
	judgement->nrefused = 0;
	verdict = judge_all_orders(judgement, &cyclic);
	return verdict == ORACLE_ILLEGAL ? judge_illegal(judgement, cyclic, finding) : verdict;
}

/* The outcome is legal, but did a unit that only read see something that it sees in no serial order with it? */
static enum oracle_verdict judge_reads(struct judgement *judgement, uint64_t hash, struct finding **finding)
{
	struct knowledge *knowledge = judgement->knowledge;
	int64_t skewed = knowledge_find_skewed(knowledge, hash, judgement->units);
	bool cyclic;

	if (skewed < 0)
		return ORACLE_LEGAL;
	judgement->history = history_open(judgement->units);
	if (!judgement->history) {
		knowledge->memory_short = true;
		return ORACLE_SUSPECT;
	}
	enum oracle_verdict verdict = judge_all_orders(judgement, &cyclic);
	if (verdict == ORACLE_ILLEGAL && finding) {
		struct explain_question question = {.units = judgement->units, .history = judgement->history};
		*finding = explain_reads(&question, (uint32_t)skewed);
	}
	return verdict;
}

enum oracle_verdict judgement_reach(struct judgement *judgement, struct finding **finding)
{
	struct knowledge *knowledge = judgement->knowledge;
	uint64_t hash = ending_hash(judgement->ending, knowledge->mask);

	if (!hash)
		knowledge->memory_short = true;
	if (knowledge->memory_short)
		return ORACLE_SUSPECT;
	if (!knowledge_is_legal(knowledge, hash))
		return judge_unknown(judgement, finding);
	return judgement->reads ? judge_reads(judgement, hash, finding) : ORACLE_LEGAL;
}

void judgement_fini(struct judgement *judgement)
{
	free(judgement->refused);
	free(judgement->silent);
	free(judgement->answers);
	ending_close(judgement->ending);
	history_close(judgement->history);
}
