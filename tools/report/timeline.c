#include "timeline.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "phrase.h"
#include "statement_story.h"

enum { NO_COLUMN = UINT32_MAX };

#define NAMED (1ULL << 40) /* score of a task that the finding names: above all others */

/* One build under way. */
struct build {
	struct pool *pool;
	const struct trace *trace;
	const struct finding *finding;
	struct symbolise *symbolise;
	const struct timeline_options *options;
	struct timeline *timeline;
	uint32_t *column_of;       /* [task]: NO_COLUMN: not shown */
	uint32_t preempted;        /* task that lost the turn since the last entry, 0: none */
	uint16_t taker;            /* who took it */
	uint32_t effect, fail, label; /* next ones to be told */
	uint32_t open_statement;   /* step whose statement the last entry tells, + 1; 0: none */
	struct statement_story story;
};

/* Housekeeping that would only hide the story. */
static bool is_noise(uint16_t op)
{
	switch (op) {
	case OP_NONE: case OP_BEGIN: case OP_EXIT: case OP_DETACH: case OP_MUTEX_DESTROY: case OP_COND_DESTROY:
	case OP_RWLOCK_DESTROY: case OP_SEM_DESTROY: case OP_BARRIER_DESTROY: case OP_LIBRARY_LOCK:
	case OP_LIBRARY_UNLOCK: case OP_SQLITE_OPEN: case OP_SQLITE_PREPARE: case OP_SQLITE_RESET: case OP_SQLITE_CLOSE:
	case OP_EXTERNAL: case OP_EFFECT: case OP_LABEL:
		return true;
	default:
		return false;
	}
}

/* What parents do for their children: shown where a task has a column, but no reason to give it one. */
static bool is_parental(uint16_t op)
{
	switch (op) {
	case OP_CREATE: case OP_JOIN: case OP_TRYJOIN: case OP_FORK: case OP_WAIT: case OP_PROCESS_EXIT:
		return true;
	default:
		return false;
	}
}

static uint16_t op_of(const struct trace *trace, uint32_t step)
{
	return trace_step_announce(trace, step)->request.op;
}

/* Does the finding say who it is about? Then nobody else is shown. */
static bool names_tasks(const struct finding *finding)
{
	uint32_t index;

	for (index = 1; finding && index < finding->nplaces; index++)
		if (finding->places[index].task != finding->places[0].task)
			return true;
	return false;
}

static void score_tasks(const struct build *build, uint64_t *scores)
{
	const struct trace *trace = build->trace;
	uint32_t index;
	uint16_t op;

	for (index = 0; index < trace->nsteps; index++) {
		op = op_of(trace, index);
		if (!is_noise(op) && !is_parental(op))
			scores[trace->steps[index].task] += 1;
	}
	for (index = 0; index < trace->neffects; index++)
		scores[trace->effects[index].task] += 10;
	for (index = 0; index < trace->nfails; index++)
		scores[trace->fails[index].task] += 1000;
	if (!names_tasks(build->finding))
		return;
	for (index = 0; index < build->finding->nplaces; index++)
		if (build->finding->places[index].task <= trace->ntasks)
			scores[build->finding->places[index].task] |= NAMED;
}

/* Gives columns to the tasks with the highest scores, in order of their birth. */
static void choose_columns(struct build *build)
{
	const struct trace *trace = build->trace;
	uint64_t *scores = pool_take(build->pool, (trace->ntasks + 1) * sizeof(*scores));
	uint64_t least = names_tasks(build->finding) ? NAMED : 1;
	uint32_t task, other, better;
	struct timeline *timeline = build->timeline;

	build->column_of = pool_take(build->pool, (trace->ntasks + 1) * sizeof(*build->column_of));
	score_tasks(build, scores);
	build->column_of[0] = NO_COLUMN;
	for (task = 1; task <= trace->ntasks; task++) {
		for (better = 0, other = 1; other <= trace->ntasks; other++)
			better += scores[other] > scores[task] || (scores[other] == scores[task] && other < task);
		build->column_of[task] = NO_COLUMN;
		if (scores[task] < least || (build->options->most_columns && better >= build->options->most_columns))
			continue;
		build->column_of[task] = timeline->ncolumns;
		timeline->columns = pool_grow(build->pool, timeline->columns, timeline->ncolumns, sizeof(char *));
		timeline->columns[timeline->ncolumns++] = pool_copy(build->pool, trace_task_name(trace, task));
	}
}

static struct timeline_entry *append(struct build *build, enum entry_kind kind, uint16_t task, uint32_t step,
	const char *text)
{
	struct timeline *timeline = build->timeline;
	struct timeline_entry *entry;

	timeline->entries = pool_grow(build->pool, timeline->entries, timeline->nentries, sizeof(*entry));
	entry = &timeline->entries[timeline->nentries++];
	*entry = (struct timeline_entry){.kind = kind, .column = build->column_of[task], .step = step, .text = text};
	build->open_statement = 0;
	return entry;
}

static void add_detail(struct build *build, struct timeline_entry *entry, const char *text)
{
	if (!text)
		return;
	entry->details = pool_grow(build->pool, entry->details, entry->ndetails, sizeof(*entry->details));
	entry->details[entry->ndetails++] = text;
}

/* The innermost place in code of the program, neither in a system's library nor inlined from one. */
static void set_place(struct build *build, struct timeline_entry *entry, uint16_t task, uint64_t site,
	const uint64_t *pcs, uint32_t npcs)
{
	uint16_t process = build->trace->tasks[task].process;
	struct symbol symbol = {0}, outer;
	uint32_t index;
	bool found;

	if (!build->symbolise)
		return;
	found = symbolise_place(build->symbolise, process, site, &symbol);
	for (index = 0; index < npcs && !found; index++)
		if (!symbolise_is_system(build->symbolise, process, pcs[index]))
			found = symbolise_place(build->symbolise, process, pcs[index], &outer);
	if (found && index > 0)
		symbol = outer;
	entry->function = pool_copy(build->pool, symbol.function);
	entry->file = phrase_path(build->pool, symbol.file);
	entry->line = symbol.line;
}

/* Says that a task lost the turn, once it matters: before the next thing that another task is seen to do. */
static void tell_preemption(struct build *build, uint16_t task)
{
	uint32_t loser = build->preempted;

	build->preempted = 0;
	if (!loser || loser == task || build->column_of[loser] == NO_COLUMN)
		return;
	append(build, ENTRY_PREEMPTION, (uint16_t)loser, build->timeline->nentries ?
		build->timeline->entries[build->timeline->nentries - 1].step : 0,
		pool_print(build->pool, "%s takes the turn", trace_task_name(build->trace, build->taker)));
}

static void close_statement(struct build *build)
{
	struct timeline_entry *entry;
	uint32_t index;

	if (!build->open_statement)
		return;
	entry = &build->timeline->entries[build->timeline->nentries - 1];
	statement_story_tell(&build->story, build->pool, build->trace, build->options->literals);
	for (index = 0; index < build->story.nlines; index++)
		add_detail(build, entry, build->story.lines[index]);
	build->open_statement = 0;
}

/* Further steps of a statement belong to its entry as long as nobody else came between. */
static bool continues(const struct build *build, uint32_t step)
{
	const struct trace *trace = build->trace;
	const struct trace_announce *now = trace_step_announce(trace, step), *then;

	if (!build->open_statement)
		return false;
	then = trace_step_announce(trace, build->open_statement - 1);
	return now->task == then->task && now->request.op == then->request.op && !build->story.finished &&
		now->request.statement == then->request.statement && now->request.second == then->request.second;
}

static const char *statement_text(const struct build *build, uint32_t step)
{
	const struct trace_announce *announce = trace_step_announce(build->trace, step);
	const char *whole = NULL;

	if (build->options->literals)
		whole = statement_story_whole(build->trace, step);
	return whole ? pool_copy(build->pool, whole) :
		phrase_request(build->pool, build->trace, &announce->request, build->symbolise, false);
}

/* What became of the connection within a step. */
static void tell_fault(struct build *build, struct timeline_entry *entry, uint32_t step)
{
	const struct trace *trace = build->trace;

	for (uint32_t i = 0; i < trace->nvalue_choices; i++) {
		const struct trace_value_choice *choice = &trace->value_choices[i];
		if (choice->at_step == step + 1 && choice->kind == CHOICE_FAULT && choice->taken != FAULT_NONE)
			add_detail(build, entry, choice->taken == FAULT_REPLY_LOST ? "the connection is lost before the reply arrives" :
				"the connection is lost before the server hears of it");
	}
}

static void tell_statement(struct build *build, uint32_t step)
{
	const struct trace *trace = build->trace;
	const struct trace_announce *announce = trace_step_announce(trace, step);
	struct timeline_entry *entry;

	if (!continues(build, step)) {
		close_statement(build);
		if (statement_story_is_tail(trace, step))
			return;
		tell_preemption(build, announce->task);
		entry = append(build, ENTRY_STATEMENT, announce->task, step, statement_text(build, step));
		set_place(build, entry, announce->task, announce->request.site, announce->pcs, announce->npcs);
		build->story = (struct statement_story){.statement = announce->request.statement};
		tell_fault(build, entry, step);
	}
	statement_story_add(&build->story, build->pool, trace, step);
	build->open_statement = step + 1;
}

static bool is_birth(const struct trace *trace, uint32_t step)
{
	uint16_t op = op_of(trace, step);

	return (op == OP_CREATE || op == OP_FORK) && trace->steps[step].result == 0;
}

/* The task that a step creates: a task's children are born in the order in which it creates them. */
static const char *child_of(const struct trace *trace, uint32_t step)
{
	uint16_t parent = trace->steps[step].task;
	uint32_t nth = 0, index;

	for (index = 0; index <= step; index++)
		nth += trace->steps[index].task == parent && is_birth(trace, index);
	for (index = 1; index <= trace->ntasks; index++)
		if (trace->tasks[index].parent == parent && --nth == 0)
			return trace->tasks[index].name;
	return NULL;
}

static const char *operation_text(const struct build *build, uint32_t step)
{
	const struct request *request = &trace_step_announce(build->trace, step)->request;
	const char *child = is_birth(build->trace, step) ? child_of(build->trace, step) : NULL;

	if (child)
		return pool_print(build->pool, request->op == OP_FORK ? "forks %s" : "creates %s", child);
	return phrase_request(build->pool, build->trace, request, build->symbolise, false);
}

/* Of which descriptors the task was told first, or not yet. */
static void tell_delivery(struct build *build, struct timeline_entry *entry, uint32_t step)
{
	const struct trace *trace = build->trace;
	uint32_t index;

	for (index = 0; index < trace->nvalue_choices; index++) {
		const struct trace_value_choice *choice = &trace->value_choices[index];
		const char *format = choice->kind == CHOICE_HOLD ? "doesn't hear of %s yet" : "hears of %s first";
		if (choice->at_step != step + 1 || choice->taken == choice->normal ||
			(choice->kind != CHOICE_HOLD && choice->kind != CHOICE_EVENT))
			continue;
		add_detail(build, entry, pool_print(build->pool, format,
			phrase_object(build->pool, trace, choice->object, build->symbolise)));
	}
}

static void tell_operation(struct build *build, uint32_t step)
{
	const struct trace_announce *announce = trace_step_announce(build->trace, step);
	const struct trace_step *done = &build->trace->steps[step];
	struct timeline_entry *entry;

	close_statement(build);
	tell_preemption(build, announce->task);
	entry = append(build, ENTRY_OPERATION, announce->task, step, operation_text(build, step));
	if (done->flags & STEP_TIMEOUT)
		add_detail(build, entry, "times out");
	else if (done->done)
		add_detail(build, entry, phrase_result(build->pool, announce->request.op, done->result));
	tell_delivery(build, entry, step);
	set_place(build, entry, announce->task, announce->request.site, announce->pcs, announce->npcs);
}

static void tell_effect(struct build *build, const struct trace_effect *effect)
{
	struct timeline_entry *entry;

	if (build->column_of[effect->task] == NO_COLUMN)
		return;
	close_statement(build);
	tell_preemption(build, effect->task);
	entry = append(build, ENTRY_EFFECT, effect->task, effect->at_step,
		pool_print(build->pool, "effect: %s %s", effect->name, effect->key));
	set_place(build, entry, effect->task, effect->site, NULL, 0);
}

static void tell_fail(struct build *build, const struct trace_fail *fail)
{
	struct timeline_entry *entry;

	if (build->column_of[fail->task] == NO_COLUMN)
		return;
	close_statement(build);
	tell_preemption(build, fail->task);
	entry = append(build, ENTRY_FAILURE, fail->task, fail->at_step,
		pool_print(build->pool, "fails: %s", *fail->text ? fail->text : "aborts"));
	set_place(build, entry, fail->task, fail->site, fail->pcs, fail->npcs);
	if (*fail->file) {
		entry->file = phrase_path(build->pool, fail->file);
		entry->line = fail->line;
		entry->function = *fail->function ? pool_copy(build->pool, fail->function) : entry->function;
	}
}

/* Effects, failures and remarks that happened within this step. */
static void tell_marks(struct build *build, uint32_t step)
{
	const struct trace *trace = build->trace;

	for (; build->effect < trace->neffects && trace->effects[build->effect].at_step <= step; build->effect++)
		tell_effect(build, &trace->effects[build->effect]);
	for (; build->label < trace->nlabels && trace->labels[build->label].at_step <= step; build->label++) {
		if (build->column_of[trace->labels[build->label].task] == NO_COLUMN)
			continue;
		close_statement(build);
		append(build, ENTRY_LABEL, trace->labels[build->label].task, step,
			pool_copy(build->pool, trace->labels[build->label].text));
	}
	for (; build->fail < trace->nfails && trace->fails[build->fail].at_step <= step; build->fail++)
		tell_fail(build, &trace->fails[build->fail]);
}

/* The kernel was asked and said no: the task goes on waiting, by announcing the same again. */
static bool is_vain(const struct trace *trace, uint32_t step)
{
	const struct trace_announce *announce = trace_step_announce(trace, step);
	uint32_t next = trace->steps[step].announce + 1;
	int64_t result = trace->steps[step].result;

	if (!(op_info(announce->request.op)->flags & ACT_RETRY) || (result != EAGAIN && result != -EAGAIN))
		return false;
	while (next < trace->nannounces && trace->announces[next].task != announce->task)
		next++;
	return next < trace->nannounces && trace->announces[next].request.op == announce->request.op &&
		(trace->announces[next].request.flags & REQUEST_ASKED);
}

static void tell_step(struct build *build, uint32_t step)
{
	const struct trace_step *done = &build->trace->steps[step];
	uint16_t op = op_of(build->trace, step);

	if (done->flags & STEP_PREEMPTION && done->previous) {
		build->preempted = done->previous;
		build->taker = done->task;
	}
	if (build->column_of[done->task] != NO_COLUMN && !is_noise(op) && !is_vain(build->trace, step)) {
		if (op_info(op)->flags & ACT_STATEMENT)
			tell_statement(build, step);
		else
			tell_operation(build, step);
	}
	tell_marks(build, step);
}

/* Who was waiting for what when it ended. */
static void tell_blocked(struct build *build)
{
	const struct trace *trace = build->trace;
	const struct trace_announce *announce;
	struct timeline_entry *entry;
	uint32_t task;

	if (trace->result.outcome != OUTCOME_DEADLOCK && trace->result.outcome != OUTCOME_HANG &&
		trace->result.outcome != OUTCOME_LIVELOCK)
		return;
	for (task = 1; task <= trace->ntasks; task++) {
		if (!trace->tasks[task].pending || trace->tasks[task].exited || build->column_of[task] == NO_COLUMN)
			continue;
		announce = &trace->announces[trace->tasks[task].pending - 1];
		close_statement(build);
		entry = append(build, ENTRY_BLOCKED, (uint16_t)task, trace->nsteps,
			phrase_request(build->pool, trace, &announce->request, build->symbolise, true));
		set_place(build, entry, (uint16_t)task, announce->request.site, announce->pcs, announce->npcs);
	}
}

struct timeline *timeline_build(struct pool *pool, const struct trace *trace, const struct finding *finding,
	struct symbolise *symbolise, const struct timeline_options *options)
{
	struct build build = {.pool = pool, .trace = trace, .finding = finding, .symbolise = symbolise,
		.options = options, .timeline = pool_take(pool, sizeof(struct timeline))};
	uint32_t step;

	choose_columns(&build);
	for (step = 0; step < trace->nsteps; step++)
		tell_step(&build, step);
	tell_marks(&build, UINT32_MAX);
	close_statement(&build);
	tell_blocked(&build);
	timeline_shorten(build.timeline, pool, options->most_entries);
	return build.timeline;
}

static const char *const words[] = {
#define X(identifier, word, meaning) [ENTRY_##identifier] = word,
	ENTRY_KINDS(X)
#undef X
};

const char *timeline_word(enum entry_kind kind)
{
	return words[kind < ENTRY_KIND_COUNT ? kind : ENTRY_OPERATION];
}

enum entry_kind timeline_kind(const char *word)
{
	unsigned int kind;

	for (kind = 0; kind < ENTRY_KIND_COUNT; kind++)
		if (strcmp(words[kind], word) == 0)
			return kind;
	return ENTRY_KIND_COUNT;
}
