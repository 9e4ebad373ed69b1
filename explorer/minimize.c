#include "minimize.h"

#include <stdlib.h>
#include <string.h>

#include "hash_set.h"
#include "stretch.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

enum { MAX_CANDIDATES = 20000 };

/* What a stretch of the base asks for, whatever else happens. */
struct piece {
	struct directive run;   /* form RUN; of time-outs and values the TAKE itself */
	struct directive first; /* of values: the choice that leads to it; kind CHOICE_KIND_COUNT: there was none */
	bool preempted;
	bool left_out;          /* while a candidate is made */
};

/* How an execution compares with another: the smaller the better, the first difference decides. */
struct cost {
	uint32_t npreemptions, nsaid, nstretches;
};

struct minimize {
	struct piece *pieces, *candidate; /* the base, and room for changes to it */
	uint32_t npieces, ncandidate;
	uint32_t span;                    /* pieces that the phase works on; behind them the chooser goes on */
	struct directive *best;
	uint32_t nbest;
	struct cost cost;
	uint32_t phase, position, chunk;  /* what is proposed next: see phases[] */
	uint32_t ncandidates;
	struct hash_set tried;
	bool short_of_memory;
};

static struct directive take(uint8_t kind, uint16_t task, uint32_t value)
{
	return (struct directive){.form = DIRECTIVE_TAKE, .kind = kind, .task = task, .value = value};
}

/* The number of the operation that the task was about to do when its stretch ended; all ones: it had none left. */
static uint32_t until(const struct trace *trace, const struct stretch *stretch)
{
	uint32_t next = trace_step_announce(trace, stretch->end - 1)->ordinal + 1;

	return next < trace->tasks[stretch->task].nops ? next : UINT32_MAX;
}

static struct piece piece_of(const struct trace *trace, const struct stretch *stretch)
{
	struct piece piece = {.preempted = stretch->preempted, .first = {.kind = CHOICE_KIND_COUNT}};

	/* what is told can't be taken: its step is one that is run */
	bool told = stretch->kind == STRETCH_VALUE && stretch->begin < stretch->end &&
		trace->value_choices[stretch->value].n < 2;
	switch (told ? STRETCH_RUN : stretch->kind) {
	case STRETCH_RUN:
		piece.run = (struct directive){.form = DIRECTIVE_RUN, .task = stretch->task, .value = until(trace, stretch)};
		break;
	case STRETCH_TIMEOUT:
		piece.run = take(CHOICE_TIMEOUT, stretch->task, 0);
		break;
	default:
		piece.run = take((uint8_t)trace->value_choices[stretch->value].kind, stretch->task,
			trace->value_choices[stretch->value].taken);
		if (stretch->begin < stretch->end && trace->steps[stretch->begin].nalternatives > 1)
			piece.first = take(CHOICE_TASK, stretch->task, 0);
		break;
	}
	return piece;
}

static bool is_smaller(const struct cost *left, const struct cost *right)
{
	if (left->npreemptions != right->npreemptions)
		return left->npreemptions < right->npreemptions;
	if (left->nsaid != right->nsaid)
		return left->nsaid < right->nsaid;
	return left->nstretches < right->nstretches;
}

static int keep_best(struct minimize *minimize, const struct trace *trace)
{
	struct directive *best = reallocarray(minimize->best, trace->nchoices + 1, sizeof *best);

	if (best == NULL)
		return -1;
	minimize->best = best;
	minimize->nbest = trace_prefix(trace, trace->nchoices, best, trace->nchoices);
	return 0;
}

/* Makes this execution the base, and begins anew with it. */
static int rebase(struct minimize *minimize, const struct trace *trace, const struct stretch_list *list,
	const struct cost *cost)
{
	struct piece *pieces = reallocarray(minimize->pieces, list->n + 1, sizeof *pieces);
	struct piece *candidate = reallocarray(minimize->candidate, list->n + 1, sizeof *candidate);

	minimize->pieces = pieces != NULL ? pieces : minimize->pieces;
	minimize->candidate = candidate != NULL ? candidate : minimize->candidate;
	if (pieces == NULL || candidate == NULL || keep_best(minimize, trace) != 0)
		return -1;
	for (uint32_t i = 0; i < list->n; i++)
		pieces[i] = piece_of(trace, &list->items[i]);
	minimize->npieces = list->n;
	minimize->cost = *cost;
	minimize->phase = minimize->position = minimize->chunk = 0;
	return 0;
}

static struct cost cost_of(const struct trace *trace, const struct stretch_list *list)
{
	return (struct cost){
		.npreemptions = trace->result.npreemptions,
		.nsaid = stretch_list_said(list),
		.nstretches = list->n,
	};
}

struct minimize *minimize_open(const struct trace *trace)
{
	struct minimize *minimize = calloc(1, sizeof *minimize);
	struct stretch_list list = {0};

	if (minimize == NULL)
		return NULL;
	int status = stretch_list_fill(&list, trace);
	if (status == 0) {
		struct cost cost = cost_of(trace, &list);
		status = rebase(minimize, trace, &list, &cost);
	}
	stretch_list_free(&list);
	if (status == 0)
		return minimize;
	minimize_close(minimize);
	return NULL;
}

static void copy_base(struct minimize *minimize)
{
	minimize->ncandidate = minimize->span;
	memcpy(minimize->candidate, minimize->pieces, minimize->span * sizeof *minimize->pieces);
}

static uint32_t count_preempted(const struct minimize *minimize)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < minimize->span; i++)
		n += minimize->pieces[i].preempted;
	return n;
}

/* Leaves out the pieces so marked. */
static void close_gaps(struct minimize *minimize)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < minimize->ncandidate; i++)
		if (!minimize->candidate[i].left_out)
			minimize->candidate[n++] = minimize->candidate[i];
	minimize->ncandidate = n;
}

/* Instead of being preempted the task goes on through its next stretch, `next`, which is left out there. */
static void go_on(struct piece *piece, struct piece *next)
{
	piece->preempted = next != NULL && next->preempted;
	piece->run.value = next != NULL ? next->run.value : UINT32_MAX;
	if (next != NULL)
		next->left_out = true;
}

/* Which preemptions are taken away: number begin to end - 1, or all but those; of one task, or of all (0). */
struct selection {
	uint32_t begin, end;
	bool others;
	uint16_t task;
};

static bool is_chosen(const struct selection *selection, uint32_t nth, uint16_t task)
{
	bool within = nth >= selection->begin && nth < selection->end;

	return within != selection->others && (selection->task == 0 || selection->task == task);
}

static void take_away(struct minimize *minimize, const struct selection *selection)
{
	struct piece *next[LIMIT_TASKS] = {NULL};
	uint32_t nth = count_preempted(minimize);

	copy_base(minimize);
	for (uint32_t i = minimize->span; i-- > 0;) {
		struct piece *piece = &minimize->candidate[i];
		if (piece->run.form != DIRECTIVE_RUN)
			continue;
		if (piece->preempted && is_chosen(selection, --nth, piece->run.task))
			go_on(piece, next[piece->run.task]);
		next[piece->run.task] = piece;
	}
	close_gaps(minimize);
}

/*
 * Groups of `total` things: all of them, halves, ..., single ones. Moves on to the next group; false when there is
 * none left.
 */
static bool next_group(struct minimize *minimize, uint32_t total, uint32_t *begin, uint32_t *end)
{
	if (minimize->chunk == 0)
		minimize->chunk = total;
	if (minimize->position * (uint64_t)minimize->chunk >= total) {
		if (minimize->chunk <= 1)
			return false;
		minimize->chunk = (minimize->chunk + 1) / 2;
		minimize->position = 0;
	}
	*begin = minimize->position * minimize->chunk;
	*end = *begin + minimize->chunk < total ? *begin + minimize->chunk : total;
	return true;
}

/*
 * Every phase proposes its candidate number `position`, and returns false when it has none left.
 */

/* Keeps only the first half, three quarters, ..., all but one: the chooser does the rest. */
static bool propose_tail(struct minimize *minimize)
{
	uint32_t left_out = minimize->position < 32 ? minimize->span >> minimize->position : 0;

	if (left_out == 0)
		return false;
	copy_base(minimize);
	minimize->ncandidate -= left_out;
	return true;
}

static bool propose_go_on(struct minimize *minimize)
{
	struct selection selection = {0};

	if (!next_group(minimize, count_preempted(minimize), &selection.begin, &selection.end))
		return false;
	take_away(minimize, &selection);
	return true;
}

/* Takes all but a group away. */
static bool propose_keep(struct minimize *minimize)
{
	struct selection selection = {.others = true};

	if (!next_group(minimize, count_preempted(minimize), &selection.begin, &selection.end))
		return false;
	take_away(minimize, &selection);
	return true;
}

/* The preempted task doesn't even begin: it makes all of it in its next stretch. */
static bool propose_later(struct minimize *minimize)
{
	uint32_t nth = minimize->position;

	if (nth >= count_preempted(minimize))
		return false;
	copy_base(minimize);
	for (uint32_t i = 0; i < minimize->span; i++)
		minimize->candidate[i].left_out = minimize->candidate[i].preempted && nth-- == 0;
	close_gaps(minimize);
	return true;
}

/* One task is never preempted. */
static bool propose_task(struct minimize *minimize)
{
	uint16_t last = 0;

	for (uint32_t i = 0; i < minimize->span; i++)
		if (minimize->pieces[i].run.task > last)
			last = minimize->pieces[i].run.task;
	if (minimize->position >= last)
		return false;
	struct selection selection = {.end = UINT32_MAX, .task = (uint16_t)(minimize->position + 1)};
	take_away(minimize, &selection);
	return true;
}

/* The nth preempted piece of the base, or span. */
static uint32_t nth_preempted(const struct minimize *minimize, uint32_t nth)
{
	for (uint32_t i = 0; i < minimize->span; i++)
		if (minimize->pieces[i].preempted && nth-- == 0)
			return i;
	return minimize->span;
}

/*
 * Preempts an operation or two earlier or later; who goes then goes on for as long as it can. A preemption within a
 * critical section costs lines, because others block there.
 */
static bool propose_shift(struct minimize *minimize)
{
	static const int32_t shifts[] = {-1, 1, -2, 2};
	uint32_t nshifts = sizeof shifts / sizeof *shifts;
	uint32_t index = nth_preempted(minimize, minimize->position / nshifts);

	if (index == minimize->span)
		return false;
	copy_base(minimize);
	minimize->candidate[index].run.value += (uint32_t)shifts[minimize->position % nshifts];
	if (index + 1 < minimize->span) {
		minimize->ncandidate = index + 2;
		if (minimize->candidate[index + 1].run.form == DIRECTIVE_RUN)
			minimize->candidate[index + 1].run.value = UINT32_MAX;
	}
	return true;
}

/* Leaves out stretches, time-outs and values. */
static bool propose_drop(struct minimize *minimize)
{
	uint32_t begin, end;

	if (!next_group(minimize, minimize->span, &begin, &end))
		return false;
	copy_base(minimize);
	for (uint32_t i = begin; i < end; i++)
		minimize->candidate[i].left_out = true;
	close_gaps(minimize);
	return true;
}

static bool propose(struct minimize *minimize)
{
	static const struct {
		bool (*propose)(struct minimize *minimize);
		bool is_cut; /* works on the pieces that a schedule speaks of; the chooser does the rest */
	} phases[] = {
		{propose_tail, false}, {propose_go_on, false}, {propose_keep, false}, {propose_later, false},
		{propose_task, false}, {propose_drop, true}, {propose_go_on, true}, {propose_later, true},
		{propose_shift, false}, {propose_drop, false},
	};

	while (minimize->phase < sizeof phases / sizeof *phases) {
		minimize->span = phases[minimize->phase].is_cut ? minimize->cost.nsaid : minimize->npieces;
		if (phases[minimize->phase].propose(minimize)) {
			minimize->position++;
			return true;
		}
		minimize->phase++;
		minimize->position = minimize->chunk = 0;
	}
	return false;
}

static void prepare(struct plan_draft *draft)
{
	draft->nprefix = draft->plan.nprefix = 0;
	draft->plan.chooser = CHOOSER_FIRST;
	draft->plan.flags &= (uint16_t)~(PLAN_STRICT | PLAN_CALM);
}

static int write_draft(const struct minimize *minimize, struct plan_draft *draft)
{
	prepare(draft);
	for (uint32_t i = 0; i < minimize->ncandidate; i++) {
		const struct piece *piece = &minimize->candidate[i];
		if (piece->first.kind != CHOICE_KIND_COUNT && plan_draft_add(draft, piece->first) != 0)
			return -1;
		if (plan_draft_add(draft, piece->run) != 0)
			return -1;
	}
	return 0;
}

static bool is_new(struct minimize *minimize, const struct plan_draft *draft)
{
	uint64_t hash = XXH64(draft->prefix, draft->nprefix * sizeof *draft->prefix, draft->nprefix);

	return hash_set_add(&minimize->tried, hash != 0 ? hash : 1);
}

enum strategy_next minimize_next(struct minimize *minimize, struct plan_draft *draft)
{
	while (!minimize->short_of_memory && minimize->ncandidates < MAX_CANDIDATES && propose(minimize)) {
		if (write_draft(minimize, draft) != 0)
			break;
		if (is_new(minimize, draft)) {
			minimize->ncandidates++;
			return STRATEGY_READY;
		}
	}
	return STRATEGY_DONE;
}

void minimize_learn(struct minimize *minimize, const struct trace *trace, bool still_fails)
{
	struct stretch_list list = {0};

	if (!still_fails)
		return;
	if (stretch_list_fill(&list, trace) != 0) {
		minimize->short_of_memory = true;
	} else {
		struct cost cost = cost_of(trace, &list);
		if (is_smaller(&cost, &minimize->cost) && rebase(minimize, trace, &list, &cost) != 0)
			minimize->short_of_memory = true;
	}
	stretch_list_free(&list);
}

int minimize_best(const struct minimize *minimize, struct plan_draft *draft)
{
	prepare(draft);
	for (uint32_t i = 0; i < minimize->nbest; i++)
		if (plan_draft_add(draft, minimize->best[i]) != 0)
			return -1;
	return 0;
}

void minimize_close(struct minimize *minimize)
{
	if (minimize == NULL)
		return;
	free(minimize->pieces);
	free(minimize->candidate);
	free(minimize->best);
	hash_set_fini(&minimize->tried);
	free(minimize);
}
