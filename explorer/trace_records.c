#include "trace_records.h"

#include <string.h>

const char *trace_records_text(struct trace_records *reading, size_t offset)
{
	if (offset >= reading->nbytes)
		return "";
	const char *bytes = (const char *)reading->record + offset;
	char *text = arena_text(reading->arena, bytes, strnlen(bytes, reading->nbytes - offset));
	if (!text)
		reading->short_of_memory = true;
	return text ? text : "";
}

/* A text named by an offset that the record itself gives; 0: absent. */
static const char *text_named(struct trace_records *reading, size_t texts, uint32_t at)
{
	return at ? trace_records_text(reading, texts + at) : "";
}

static uint32_t object_in(const struct trace_records *reading, uint32_t object)
{
	return object <= reading->max_object ? object : 0;
}

static uint16_t op_in(uint16_t op)
{
	return op < OP_COUNT ? op : OP_NONE;
}

static uint32_t statement_in(const struct trace_records *reading, uint32_t statement)
{
	return statement <= reading->trace->nstatements ? statement : 0;
}

uint32_t trace_records_step(const struct trace_records *reading)
{
	return reading->trace->nsteps ? reading->trace->nsteps - 1 : 0;
}

static void read_task(struct trace_records *reading)
{
	const struct record_task *record = (const void *)reading->record;
	uint16_t id = record->id;
	if (id == 0 || id > reading->trace->ntasks)
		return;
	uint16_t parent = record->parent;
	struct trace_task *task = &reading->trace->tasks[id];
	if (!task->id) /* not again when it has executed another program */
		task->at_step = reading->trace->nsteps;
	task->id = id;
	task->parent = parent <= reading->trace->ntasks ? parent : 0;
	task->process = record->process < LIMIT_PROCESSES ? record->process : 0;
	task->flags = record->flags;
	task->object = object_in(reading, record->object);
	if (task->object) { /* implied: tasks' own objects have no record of their own */
		reading->trace->objects[task->object].id = task->object;
		reading->trace->objects[task->object].kind = OBJECT_TASK;
	}
	task->image = record->image;
	task->identity = record->identity;
	task->start = record->start;
	task->name = trace_records_text(reading, sizeof(*record));
}

static void read_object(struct trace_records *reading)
{
	const struct record_object *record = (const void *)reading->record;
	uint32_t id = record->id;
	if (id == 0 || id > reading->trace->nobjects)
		return;
	struct trace_object *object = &reading->trace->objects[id];
	object->id = id;
	object->kind = record->kind < OBJECT_KIND_COUNT ? record->kind : OBJECT_NONE;
	object->process = record->process;
	object->address = record->address;
	object->name = trace_records_text(reading, sizeof(*record));
}

static struct trace_announce *announce_new(struct trace_records *reading)
{
	struct trace *trace = reading->trace;
	if (trace->nannounces >= reading->counts[RECORD_ANNOUNCE] + reading->norphans)
		return NULL;
	struct trace_announce *announce = &trace->announces[trace->nannounces++];
	announce->task = reading->task;
	announce->at_step = trace->nsteps;
	announce->ordinal = trace->tasks[reading->task].nops;
	reading->tasks[reading->task].pending = trace->nannounces;
	return announce;
}

static void read_announce(struct trace_records *reading)
{
	const struct record_announce *record = (const void *)reading->record;
	struct trace_announce *announce = announce_new(reading);
	if (!announce)
		return;
	announce->request.op = op_in(record->op);
	announce->request.flags = record->flags;
	announce->request.object = object_in(reading, record->object);
	announce->request.second = object_in(reading, record->second);
	announce->request.statement = statement_in(reading, record->statement);
	announce->request.argument = record->argument;
	announce->request.deadline_ns = record->deadline_ns;
	announce->request.site = record->site;
	announce->ordinal = record->ordinal;
	reading->trace->tasks[reading->task].nops++;
	reading->tasks[reading->task].stack_announce = reading->trace->nannounces;
	reading->tasks[reading->task].stack_fail = 0;
}

/* Words that sets of this trace have; all others are 0. */
static uint32_t width_of(const struct trace *trace)
{
	return trace->ntasks / 64 + 1;
}

/* One word of a recorded set, without tasks that are none. */
static uint64_t word_read(const struct trace *trace, const uint64_t *words, uint32_t nwords, uint32_t word)
{
	uint64_t value = word < nwords ? words[word] : 0;
	if (trace->ntasks - word * 64 < 63)
		value &= (1ULL << (trace->ntasks - word * 64 + 1)) - 1;
	return word == 0 ? value & ~1ULL : value;
}

static bool is_same_set(const struct trace *trace, const struct task_set *set, const uint64_t *words, uint32_t nwords)
{
	for (uint32_t word = 0; word < width_of(trace); word++)
		if (set->words[word] != word_read(trace, words, nwords, word))
			return false;
	return true;
}

/* Neighbouring steps mostly have the same sets, which are then shared. */
static const struct task_set *set_read(struct trace_records *reading, const struct task_set *before, const uint64_t *words,
	uint32_t nwords)
{
	if (before && is_same_set(reading->trace, before, words, nwords))
		return before;
	struct task_set *copy = arena_array(reading->arena, 1, sizeof(*copy));
	if (!copy) {
		reading->short_of_memory = true;
		return NULL;
	}
	for (uint32_t word = 0; word < width_of(reading->trace); word++)
		copy->words[word] = word_read(reading->trace, words, nwords, word);
	return copy;
}

static void read_sets(struct trace_records *reading, struct trace_step *step)
{
	const struct record_step *record = (const void *)reading->record;
	const struct trace_step *before = step - 1;
	uint32_t nwords = record->nwords;
	bool first = reading->trace->nsteps == 0;
	step->choice = TRACE_NO_CHOICE;
	step->nalternatives = 1;
	if (record->nalternatives <= 1 || nwords > (reading->nbytes - sizeof(*record)) / 16)
		return;
	step->enabled = set_read(reading, first ? NULL : before->enabled, record->sets, nwords);
	step->timed = set_read(reading, first ? NULL : before->timed, record->sets + nwords, nwords);
	if (!step->enabled || !step->timed)
		return;
	step->nalternatives = 0;
	for (uint32_t word = 0; word < width_of(reading->trace); word++)
		step->nalternatives += task_set_bits(step->enabled->words[word]) + task_set_bits(step->timed->words[word]);
	step->choice = reading->trace->nchoices++;
}

static void read_step(struct trace_records *reading)
{
	const struct record_step *record = (const void *)reading->record;
	struct trace *trace = reading->trace;
	struct trace_records_task *task = &reading->tasks[reading->task];
	if (trace->nsteps >= reading->counts[RECORD_STEP] || (!task->pending && !announce_new(reading)))
		return;
	struct trace_step *step = &trace->steps[trace->nsteps];
	uint16_t previous = record->previous;
	step->announce = task->pending - 1;
	step->task = reading->task;
	step->previous = previous <= trace->ntasks ? previous : 0;
	step->flags = record->flags;
	step->now_ns = record->now_ns;
	read_sets(reading, step);
	step->cost = (step->flags & STEP_PREEMPTION) != 0;
	step->unit = task->unit;
	task->pending = 0;
	task->outer_step = trace->announces[step->announce].request.flags & REQUEST_GUARDED ? task->step : 0;
	task->step = ++trace->nsteps;
}

/* A task's first moments are performed without having been announced. */
static void announce_mend(struct trace_announce *announce, const struct trace_records *reading,
	const struct record_done *record)
{
	if (announce->request.op == OP_NONE) {
		announce->request.op = op_in(record->op);
		announce->request.object = object_in(reading, record->object);
		announce->request.site = record->site;
	}
}

/* Its other tasks end with a process, whatever they were about to do. What it ends with is told of its first one. */
static void process_done(struct trace_records *reading, int64_t status)
{
	const struct trace *trace = reading->trace;
	uint32_t first = 0;
	for (uint32_t id = 1; id <= trace->ntasks; id++)
		if (trace->tasks[id].process == trace->tasks[reading->task].process) {
			reading->tasks[id].pending = 0;
			first = first ? first : id;
		}
	if (first) {
		trace->tasks[first].exited = true;
		trace->tasks[first].exit_value = status;
	}
}

static void step_done(struct trace_records *reading, const struct record_done *record)
{
	struct trace *trace = reading->trace;
	struct trace_records_task *task = &reading->tasks[reading->task];
	struct trace_step *step = &trace->steps[task->step - 1];
	struct trace_announce *announce = &trace->announces[step->announce];
	announce_mend(announce, reading, record);
	step->done = true;
	step->lasted = trace->nsteps - task->step;
	step->result = record->result;
	step->digest = record->digest;
	task->step = task->outer_step;
	task->outer_step = 0;
	if (announce->request.op == OP_EXIT) {
		trace->tasks[reading->task].exited = true;
		trace->tasks[reading->task].exit_value = (int64_t)record->digest;
	}
	if (announce->request.op == OP_PROCESS_EXIT)
		process_done(reading, (int64_t)record->digest);
}

/* Is it the end of the task's last step? Guarded operations are announced only when they had to block. */
static bool ends_step(const struct trace_records *reading, const struct record_done *record)
{
	uint32_t step = reading->tasks[reading->task].step;
	if (!step)
		return false;
	const struct trace_announce *announce = &reading->trace->announces[reading->trace->steps[step - 1].announce];
	return !(record->flags & DONE_GUARDED) || (announce->request.flags & REQUEST_GUARDED);
}

static void read_done(struct trace_records *reading)
{
	const struct record_done *record = (const void *)reading->record;
	struct trace *trace = reading->trace;
	if (ends_step(reading, record)) {
		step_done(reading, record);
		return;
	}
	if (trace->nguarded >= reading->counts[RECORD_DONE])
		return;
	struct trace_guarded *guarded = &trace->guarded[trace->nguarded++];
	guarded->at_step = trace->nsteps;
	guarded->task = reading->task;
	guarded->op = op_in(record->op);
	guarded->object = object_in(reading, record->object);
	guarded->result = record->result;
	guarded->site = record->site;
}

static void read_choice(struct trace_records *reading)
{
	const struct record_choice *record = (const void *)reading->record;
	struct trace *trace = reading->trace;
	if (trace->nvalue_choices >= reading->counts[RECORD_CHOICE])
		return;
	struct trace_value_choice *choice = &trace->value_choices[trace->nvalue_choices++];
	choice->at_step = trace->nsteps;
	choice->task = reading->task;
	choice->kind = record->kind;
	choice->n = record->n;
	choice->taken = record->taken;
	choice->normal = record->normal;
	choice->object = object_in(reading, record->object);
	choice->choice = choice->n > 1 ? trace->nchoices++ : TRACE_NO_CHOICE;
}

/* An offset into the campaign's text area, NUL-terminated there because the copy is. */
static const char *campaign_text(const struct trace *trace, uint32_t offset)
{
	return trace->text && offset < trace->text_used ? trace->text + offset : "";
}

static void read_row(struct trace_records *reading)
{
	const struct record_row *record = (const void *)reading->record;
	struct trace *trace = reading->trace;
	if (trace->nrows >= reading->counts[RECORD_ROW])
		return;
	struct trace_row *row = &trace->rows[trace->nrows++];
	row->at_step = trace_records_step(reading);
	row->task = reading->task;
	row->database = object_in(reading, record->database);
	row->statement = statement_in(reading, record->statement);
	row->table = record->table;
	row->rowid = record->rowid;
	row->change = (char)record->change;
	row->table_name = campaign_text(trace, record->table_name);
	row->values = trace_records_text(reading, sizeof(*record));
}

static void read_effect(struct trace_records *reading)
{
	const struct record_effect *record = (const void *)reading->record;
	struct trace *trace = reading->trace;
	if (trace->neffects >= reading->counts[RECORD_EFFECT])
		return;
	struct trace_effect *effect = &trace->effects[trace->neffects++];
	effect->at_step = trace_records_step(reading);
	effect->task = reading->task;
	effect->site = record->site;
	effect->name = trace_records_text(reading, sizeof(*record));
	effect->key = text_named(reading, sizeof(*record), record->key_at);
	effect->unit = reading->tasks[reading->task].unit;
}

static void read_unit(struct trace_records *reading)
{
	const struct record_unit *record = (const void *)reading->record;
	struct trace *trace = reading->trace;
	uint32_t *open = &reading->tasks[reading->task].unit;
	if (!record->begin) {
		if (*open) {
			trace->units[*open - 1].end_step = trace_records_step(reading);
			*open = reading->outer_units[*open - 1];
		}
		return;
	}
	if (trace->nunits >= reading->counts[RECORD_UNIT])
		return;
	struct trace_unit *unit = &trace->units[trace->nunits];
	unit->begin_step = trace_records_step(reading);
	unit->end_step = TRACE_NO_CHOICE;
	unit->task = reading->task;
	unit->identity = record->identity;
	unit->name = trace_records_text(reading, sizeof(*record));
	reading->outer_units[trace->nunits++] = *open;
	*open = trace->nunits;
}

static void read_stack(struct trace_records *reading)
{
	const struct record_stack *record = (const void *)reading->record;
	struct trace *trace = reading->trace;
	const struct trace_records_task *task = &reading->tasks[reading->task];
	uint32_t npcs = record->npcs;
	if (npcs > (reading->nbytes - sizeof(*record)) / sizeof(uint64_t) || (!task->stack_announce && !task->stack_fail))
		return;
	uint64_t *pcs = arena_array(reading->arena, npcs, sizeof(*pcs));
	if (!pcs) {
		reading->short_of_memory = true;
		return;
	}
	memcpy(pcs, record->pcs, npcs * sizeof(*pcs));
	if (task->stack_fail) {
		trace->fails[task->stack_fail - 1].pcs = pcs;
		trace->fails[task->stack_fail - 1].npcs = npcs;
	} else {
		trace->announces[task->stack_announce - 1].pcs = pcs;
		trace->announces[task->stack_announce - 1].npcs = npcs;
	}
}

static void read_fail(struct trace_records *reading)
{
	const struct record_fail *record = (const void *)reading->record;
	struct trace *trace = reading->trace;
	if (trace->nfails >= reading->counts[RECORD_FAIL])
		return;
	struct trace_fail *fail = &trace->fails[trace->nfails++];
	fail->at_step = trace_records_step(reading);
	fail->what = record->what;
	fail->line = record->line;
	fail->task = reading->task;
	fail->site = record->site;
	fail->text = trace_records_text(reading, sizeof(*record));
	fail->file = text_named(reading, sizeof(*record), record->file_at);
	fail->function = text_named(reading, sizeof(*record), record->function_at);
	reading->tasks[reading->task].stack_fail = trace->nfails;
	reading->tasks[reading->task].stack_announce = 0;
}

static void read_uncontrolled(struct trace_records *reading)
{
	const struct record_uncontrolled *record = (const void *)reading->record;
	struct trace *trace = reading->trace;
	if (trace->nuncontrolled >= reading->counts[RECORD_UNCONTROLLED])
		return;
	struct trace_uncontrolled *uncontrolled = &trace->uncontrolled[trace->nuncontrolled++];
	uncontrolled->at_step = trace_records_step(reading);
	uncontrolled->reason = record->reason;
	uncontrolled->limit = record->limit;
	uncontrolled->task = reading->task;
	uncontrolled->site = record->site;
	uncontrolled->text = trace_records_text(reading, sizeof(*record));
}

static void read_value(struct trace_records *reading)
{
	const struct record_value *record = (const void *)reading->record;
	struct trace *trace = reading->trace;
	if (trace->nvalues >= reading->counts[RECORD_VALUE])
		return;
	struct trace_value *value = &trace->values[trace->nvalues++];
	value->at_step = trace_records_step(reading);
	value->statement = statement_in(reading, record->statement);
	value->role = record->role;
	value->task = reading->task;
	value->text = trace_records_text(reading, sizeof(*record));
}

static void read_transaction(struct trace_records *reading)
{
	const struct record_transaction *record = (const void *)reading->record;
	struct trace *trace = reading->trace;
	if (trace->ntransactions >= reading->counts[RECORD_TRANSACTION])
		return;
	trace->transactions[trace->ntransactions++] = (struct trace_transaction){
		.at_step = trace_records_step(reading),
		.task = reading->task,
		.database = object_in(reading, record->database),
		.connection = object_in(reading, record->connection),
		.state = record->state,
		.ended = record->ended,
		.changes = record->changes,
		.error = record->error,
		.statement = statement_in(reading, record->statement),
		.autocommit = record->autocommit,
	};
}

static void read_label(struct trace_records *reading)
{
	struct trace *trace = reading->trace;
	if (trace->nlabels >= reading->counts[RECORD_LABEL])
		return;
	struct trace_label *label = &trace->labels[trace->nlabels++];
	label->at_step = trace_records_step(reading);
	label->task = reading->task;
	label->text = trace_records_text(reading, sizeof(struct record_label));
}

static void (*const readers[RECORD_KIND_END])(struct trace_records *) = {
	[RECORD_TASK] = read_task,
	[RECORD_OBJECT] = read_object,
	[RECORD_ANNOUNCE] = read_announce,
	[RECORD_STEP] = read_step,
	[RECORD_DONE] = read_done,
	[RECORD_CHOICE] = read_choice,
	[RECORD_ROW] = read_row,
	[RECORD_EFFECT] = read_effect,
	[RECORD_UNIT] = read_unit,
	[RECORD_STACK] = read_stack,
	[RECORD_FAIL] = read_fail,
	[RECORD_UNCONTROLLED] = read_uncontrolled,
	[RECORD_VALUE] = read_value,
	[RECORD_TRANSACTION] = read_transaction,
	[RECORD_LABEL] = read_label,
	[RECORD_REQUEST] = trace_requests_read,
	[RECORD_WORK] = trace_requests_read_work,
	[RECORD_REPLY] = trace_requests_read_reply,
};

void trace_records_read(struct trace_records *reading)
{
	if (reading->kind < sizeof(readers) / sizeof(readers[0]) && readers[reading->kind])
		readers[reading->kind](reading);
}
