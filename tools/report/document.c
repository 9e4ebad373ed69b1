#include "document.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../version.h"
#include "explorer/written.h"
#include "phrase.h"
#include "rename.h"

enum { TIMELINE_ENTRIES = 120, TIMELINE_COLUMNS = 8, FRAMES_PER_PC = 16, FRAMES_MOST = 64 };

struct document *document_open(void)
{
	struct pool *pool = pool_open();
	struct document *document = pool_take(pool, sizeof(*document));

	document->pool = pool;
	document->race_version = RACE_VERSION;
	document->verdict = document_verdict(VERDICT_CLEAN);
	document->strategy = document->carrier = document->reuse = "";
	document->fraction_left = -1;
	document->bound = BOUND_NONE;
	return document;
}

void document_close(struct document *document)
{
	if (document)
		pool_close(document->pool);
}

const char *document_verdict(enum verdict verdict)
{
	switch (verdict) {
	case VERDICT_CLEAN: return "clean";
	case VERDICT_FINDINGS: return "findings";
	case VERDICT_COMMAND_FAILS: return "command fails";
	case VERDICT_UNCONTROLLED: return "uncontrolled";
	default: return "internal";
	}
}

const char *document_fingerprint(struct pool *pool, uint64_t fingerprint)
{
	return pool_print(pool, "%08x", (unsigned int)(fingerprint >> 32 ^ fingerprint));
}

static void set_numbers(struct document *document, const struct campaign_result *result)
{
	document->executions = result->executions;
	document->reference_executions = result->reference_executions;
	document->confirming_executions = result->confirming_executions;
	document->distinct_traces = result->distinct_traces;
	document->trace_digest = result->trace_digest;
	document->executions_per_second = result->executions_per_second;
	document->seconds = result->seconds;
	document->units = result->units.units;
	document->overlapping_pairs = result->units.overlapping_pairs;
	document->refused = result->units.refused;
	document->suspects = result->units.suspects;
	document->ran = result->executions + result->reference_executions > 0;
	document->judged = result->executions > 0;
	document->exhausted = result->exhaustion.exhausted;
	document->exhausted_what = pool_copy(document->pool, result->exhaustion.what);
	document->bound = result->exhaustion.bound;
	document->fraction_left = result->exhaustion.fraction_left;
	document->budget_used = result->budget_used;
	document->executions_used = result->executions_used;
	document->interrupted = result->interrupted;
	document->seed = result->seed;
}

static void add_remark(struct document *document, const char *remark)
{
	struct pool *pool = document->pool;

	document->remarks = pool_grow(pool, document->remarks, document->nremarks, sizeof(char *));
	document->remarks[document->nremarks++] = pool_copy(pool, remark);
}

static const char *or_empty(struct pool *pool, const char *text)
{
	return text ? pool_copy(pool, text) : "";
}

void document_set_result(struct document *document, const struct campaign_result *result)
{
	struct pool *pool = document->pool;
	const char *const *remark;
	uint32_t index;

	set_numbers(document, result);
	document->verdict = document_verdict(result->verdict);
	document->exit_code = result->exit_code;
	document->reason = *result->reason ? pool_copy(pool, result->reason) : NULL;
	document->strategy = or_empty(pool, result->strategy);
	document->carrier = or_empty(pool, result->carrier);
	document->reuse = or_empty(pool, result->reuse);
	document->resumed = result->resumed;
	document->fallback = *result->fallback ? pool_copy(pool, result->fallback) : NULL;
	document->output = pool_copy(pool, result->output);
	for (remark = result->units.remarks; remark && *remark; remark++)
		add_remark(document, *remark);
	for (index = 0; index < result->nremarks; index++)
		add_remark(document, result->remarks[index]);
	document->nuncontrolled = result->nuncontrolled;
	document->uncontrolled = pool_take(pool, (result->nuncontrolled + 1) * sizeof(*document->uncontrolled));
	for (index = 0; index < result->nuncontrolled; index++)
		document->uncontrolled[index] = (struct document_uncontrolled){
			.reason = uncontrolled_text(result->uncontrolled[index].reason),
			.where = or_empty(pool, result->uncontrolled[index].where),
			.count = result->uncontrolled[index].count,
		};
}

static void add_frames(struct pool *pool, struct document_place *place, uint16_t process, uint64_t address,
	struct symbolise *symbolise)
{
	struct symbol symbols[FRAMES_PER_PC] = {{.offset = address}};
	uint32_t count = symbolise ? symbolise_frames(symbolise, process, address, symbols, FRAMES_PER_PC) : 1, index;

	for (index = 0; index < count && place->nframes < FRAMES_MOST; index++) {
		place->frames = pool_grow(pool, place->frames, place->nframes, sizeof(*place->frames));
		place->frames[place->nframes++] = (struct document_frame){
			.function = pool_copy(pool, symbols[index].function),
			.module = pool_copy(pool, symbols[index].module),
			.file = phrase_path(pool, symbols[index].file),
			.line = symbols[index].line,
			.offset = symbols[index].offset,
		};
	}
}

/* The system's frames say nothing about the bug where there are the program's own. */
static bool is_worth_showing(const struct finding_place *from, uint32_t index, struct symbolise *symbolise,
	bool has_own)
{
	if (!symbolise || !has_own)
		return true;
	return !symbolise_is_system(symbolise, (uint16_t)from->image_process, from->pcs[index]);
}

static bool has_own_frame(const struct finding_place *from, struct symbolise *symbolise)
{
	uint32_t index;

	for (index = 0; index < from->npcs; index++)
		if (symbolise && !symbolise_is_system(symbolise, (uint16_t)from->image_process, from->pcs[index]))
			return true;
	return false;
}

static bool is_own_source(const struct document_frame *frame)
{
	return frame->file && !symbolise_is_borrowed(frame->file);
}

/* Frames of templates and inlined functions of a standard library go, where there is source of the program. */
static void drop_borrowed(struct document_place *place)
{
	uint32_t index, kept = 0, own = 0;

	for (index = 0; index < place->nframes; index++)
		own += is_own_source(&place->frames[index]);
	if (!own)
		return;
	for (index = 0; index < place->nframes; index++)
		if (!symbolise_is_borrowed(place->frames[index].file))
			place->frames[kept++] = place->frames[index];
	place->nframes = kept;
}

/* What calls main is the same in every program. */
static bool ends_in_main(const struct document_place *place)
{
	const char *last = place->nframes ? place->frames[place->nframes - 1].function : NULL;

	return last && strcmp(last, "main") == 0;
}

static void add_place(struct document *document, struct document_finding *finding, const struct trace *trace,
	const struct finding_place *from, struct symbolise *symbolise)
{
	bool has_own = has_own_frame(from, symbolise);
	struct document_place *place;
	uint32_t index;

	finding->places = pool_grow(document->pool, finding->places, finding->nplaces, sizeof(*place));
	place = &finding->places[finding->nplaces++];
	*place = (struct document_place){
		.role = rename_objects(document->pool, or_empty(document->pool, from->role), trace, symbolise),
		.task = pool_copy(document->pool, trace ? trace_task_name(trace, from->task) : "?"),
	};
	for (index = 0; index < from->npcs && !ends_in_main(place); index++)
		if (is_worth_showing(from, index, symbolise, has_own))
			add_frames(document->pool, place, (uint16_t)from->image_process, from->pcs[index], symbolise);
	drop_borrowed(place);
}

static void add_task(struct document *document, struct document_finding *finding, const char *name)
{
	uint32_t index;

	for (index = 0; index < finding->ntasks; index++)
		if (strcmp(finding->tasks[index], name) == 0)
			return;
	finding->tasks = pool_grow(document->pool, finding->tasks, finding->ntasks, sizeof(char *));
	finding->tasks[finding->ntasks++] = name;
}

static struct document_finding *append_finding(struct document *document)
{
	document->findings = pool_grow(document->pool, document->findings, document->nfindings,
		sizeof(*document->findings));
	document->findings[document->nfindings] = (struct document_finding){0};
	return &document->findings[document->nfindings++];
}

struct document_finding *document_add(struct document *document, const struct finding *from,
	const struct trace *trace, struct symbolise *symbolise, const char *replay, bool literals)
{
	struct timeline_options options = {.literals = literals, .most_entries = TIMELINE_ENTRIES,
		.most_columns = TIMELINE_COLUMNS};
	struct document_finding *finding = append_finding(document);
	struct pool *pool = document->pool;
	uint32_t index;

	if (from->trace)
		trace = from->trace;
	finding->kind = from->kind;
	finding->class = pool_copy(pool, from->class);
	finding->fingerprint = document_fingerprint(pool, from->fingerprint);
	finding->message = rename_objects(pool, or_empty(pool, from->message), trace, symbolise);
	finding->schedule = phrase_path(pool, from->schedule_path);
	finding->replay = pool_copy(pool, replay);
	finding->first_execution = from->execution;
	finding->reference = from->reference;
	finding->serial = from->serial;
	finding->npreemptions = trace ? trace->result.npreemptions : 0;
	for (index = 0; index < from->nplaces; index++) {
		add_place(document, finding, trace, &from->places[index], symbolise);
		add_task(document, finding, finding->places[index].task);
	}
	if (trace)
		finding->timeline = timeline_build(pool, trace, from, symbolise, &options);
	for (index = 0; finding->timeline && index < finding->timeline->ncolumns && !from->nplaces; index++)
		add_task(document, finding, finding->timeline->columns[index]);
	return finding;
}

bool document_has(const struct document *document, uint64_t fingerprint)
{
	const char *wanted = document_fingerprint(document->pool, fingerprint);
	uint32_t index;

	for (index = 0; index < document->nfindings; index++)
		if (strcmp(document->findings[index].fingerprint, wanted) == 0)
			return true;
	return false;
}

void document_add_replay(struct document *document, const struct document_replay *replay)
{
	struct pool *pool = document->pool;

	document->replays = pool_grow(pool, document->replays, document->nreplays, sizeof(*replay));
	document->replays[document->nreplays++] = (struct document_replay){
		.schedule = pool_copy(pool, replay->schedule),
		.verdict = pool_copy(pool, replay->verdict),
		.message = or_empty(pool, replay->message),
		.found = replay->found,
		.seconds = replay->seconds,
	};
}

static int compare_written(const void *left, const void *right)
{
	return strcmp(((const struct document_written *)left)->path, ((const struct document_written *)right)->path);
}

static struct document_written *find_written(const struct document *document, const char *path)
{
	uint32_t index;

	for (index = 0; index < document->nwritten; index++)
		if (strcmp(document->written[index].path, path) == 0)
			return &document->written[index];
	return NULL;
}

void document_add_written(struct document *document, const struct control *control)
{
	struct pool *pool = document->pool;
	struct written_file file;
	const char *path;
	uint32_t at = 0;

	while (written_next(control, &at, &file)) {
		path = phrase_path(pool, file.path);
		if (find_written(document, path))
			continue;
		document->written = pool_grow(pool, document->written, document->nwritten, sizeof(*document->written));
		document->written[document->nwritten++] = (struct document_written){path, file.how};
	}
	if (document->nwritten)
		qsort(document->written, document->nwritten, sizeof(*document->written), compare_written);
	if (written_has_more(control))
		add_remark(document, pool_print(pool, "not listed: more files were written than the %d that are, or such as have "
			"names of %d bytes and more", LIMIT_WRITTEN, WRITTEN_PATH_BYTES));
}
