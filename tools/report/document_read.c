/* Reading the JSON form back. What is missing keeps its default; what has the wrong type is as if it were missing. */
#include <cjson/cJSON.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "document.h"

static const char *text_of(struct pool *pool, const cJSON *object, const char *name, const char *otherwise)
{
	const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, name);

	return cJSON_IsString(item) ? pool_copy(pool, item->valuestring) : otherwise;
}

static double number_of(const cJSON *object, const char *name, double otherwise)
{
	const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, name);

	return cJSON_IsNumber(item) && isfinite(item->valuedouble) ? item->valuedouble : otherwise;
}

static uint64_t count_of(const cJSON *object, const char *name)
{
	double number = number_of(object, name, 0);

	return number > 0 && number < 0x1p63 ? (uint64_t)number : 0;
}

static bool flag_of(const cJSON *object, const char *name)
{
	return cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(object, name));
}

static uint32_t texts_of(struct pool *pool, const cJSON *object, const char *name, const char ***texts)
{
	const cJSON *item;
	uint32_t count = 0;

	*texts = NULL;
	cJSON_ArrayForEach(item, cJSON_GetObjectItemCaseSensitive(object, name)) {
		if (!cJSON_IsString(item))
			continue;
		*texts = pool_grow(pool, *texts, count, sizeof(**texts));
		(*texts)[count++] = pool_copy(pool, item->valuestring);
	}
	return count;
}

static void read_frames(struct pool *pool, const cJSON *location, struct document_place *place)
{
	const cJSON *item;

	cJSON_ArrayForEach(item, cJSON_GetObjectItemCaseSensitive(location, "frames")) {
		place->frames = pool_grow(pool, place->frames, place->nframes, sizeof(*place->frames));
		place->frames[place->nframes++] = (struct document_frame){
			.function = text_of(pool, item, "function", NULL),
			.file = text_of(pool, item, "file", NULL),
			.line = (uint32_t)count_of(item, "line"),
			.module = text_of(pool, item, "module", NULL),
			.offset = count_of(item, "offset"),
		};
	}
}

static void read_places(struct pool *pool, const cJSON *object, struct document_finding *finding)
{
	struct document_place *place;
	const cJSON *item;

	cJSON_ArrayForEach(item, cJSON_GetObjectItemCaseSensitive(object, "locations")) {
		finding->places = pool_grow(pool, finding->places, finding->nplaces, sizeof(*place));
		place = &finding->places[finding->nplaces++];
		*place = (struct document_place){.role = text_of(pool, item, "role", ""),
			.task = text_of(pool, item, "task", "?")};
		read_frames(pool, item, place);
	}
}

static uint32_t column_of(struct pool *pool, struct timeline *timeline, const char *task)
{
	uint32_t index;

	for (index = 0; index < timeline->ncolumns; index++)
		if (strcmp(timeline->columns[index], task) == 0)
			return index;
	timeline->columns = pool_grow(pool, timeline->columns, timeline->ncolumns, sizeof(*timeline->columns));
	timeline->columns[timeline->ncolumns] = task;
	return timeline->ncolumns++;
}

static struct timeline *read_timeline(struct pool *pool, const cJSON *object)
{
	struct timeline *timeline = pool_take(pool, sizeof(*timeline));
	struct timeline_entry *entry;
	const cJSON *item;

	cJSON_ArrayForEach(item, cJSON_GetObjectItemCaseSensitive(object, "timeline")) {
		timeline->entries = pool_grow(pool, timeline->entries, timeline->nentries, sizeof(*entry));
		entry = &timeline->entries[timeline->nentries++];
		*entry = (struct timeline_entry){
			.kind = timeline_kind(text_of(pool, item, "kind", "")),
			.column = column_of(pool, timeline, text_of(pool, item, "task", "?")),
			.step = (uint32_t)count_of(item, "step"),
			.text = text_of(pool, item, "text", ""),
			.function = text_of(pool, item, "function", NULL),
			.file = text_of(pool, item, "file", NULL),
			.line = (uint32_t)count_of(item, "line"),
		};
		if (entry->kind == ENTRY_KIND_COUNT)
			entry->kind = ENTRY_OPERATION;
		entry->ndetails = texts_of(pool, item, "details", &entry->details);
	}
	return timeline;
}

static void read_findings(struct document *document, const cJSON *root)
{
	struct pool *pool = document->pool;
	struct document_finding *finding;
	const cJSON *item;

	cJSON_ArrayForEach(item, cJSON_GetObjectItemCaseSensitive(root, "findings")) {
		document->findings = pool_grow(pool, document->findings, document->nfindings, sizeof(*finding));
		finding = &document->findings[document->nfindings++];
		*finding = (struct document_finding){
			.kind = text_of(pool, item, "kind", "unknown"),
			.class = text_of(pool, item, "class", NULL),
			.fingerprint = text_of(pool, item, "fingerprint", ""),
			.message = text_of(pool, item, "message", ""),
			.schedule = text_of(pool, item, "schedule", NULL),
			.replay = text_of(pool, item, "replay", NULL),
			.first_execution = count_of(item, "first_execution"),
			.reference = flag_of(item, "reference"),
			.serial = flag_of(item, "serial"),
			.npreemptions = (uint32_t)count_of(item, "preemptions"),
			.nlines = (uint32_t)count_of(item, "lines"),
			.timeline = read_timeline(pool, item),
		};
		finding->ntasks = texts_of(pool, item, "tasks", &finding->tasks);
		read_places(pool, item, finding);
	}
}

static void read_lists(struct document *document, const cJSON *root)
{
	struct pool *pool = document->pool;
	const cJSON *item;

	document->nremarks = texts_of(pool, root, "remarks", &document->remarks);
	document->nignored = texts_of(pool, root, "ignored", &document->ignored);
	cJSON_ArrayForEach(item, cJSON_GetObjectItemCaseSensitive(root, "uncontrolled")) {
		document->uncontrolled = pool_grow(pool, document->uncontrolled, document->nuncontrolled,
			sizeof(*document->uncontrolled));
		document->uncontrolled[document->nuncontrolled++] = (struct document_uncontrolled){
			.reason = text_of(pool, item, "reason", ""), .where = text_of(pool, item, "where", ""),
			.count = count_of(item, "count")};
	}
	cJSON_ArrayForEach(item, cJSON_GetObjectItemCaseSensitive(root, "written")) {
		document->written = pool_grow(pool, document->written, document->nwritten, sizeof(*document->written));
		document->written[document->nwritten++] = (struct document_written){
			.path = text_of(pool, item, "path", ""), .how = text_of(pool, item, "how", "")};
	}
	cJSON_ArrayForEach(item, cJSON_GetObjectItemCaseSensitive(root, "replays")) {
		document->replays = pool_grow(pool, document->replays, document->nreplays, sizeof(*document->replays));
		document->replays[document->nreplays++] = (struct document_replay){
			.schedule = text_of(pool, item, "schedule", ""), .verdict = text_of(pool, item, "verdict", ""),
			.message = text_of(pool, item, "message", ""), .found = flag_of(item, "found"),
			.seconds = number_of(item, "seconds", 0)};
	}
}

static void read_exhaustion(struct document *document, const cJSON *root)
{
	const cJSON *exhausted = cJSON_GetObjectItemCaseSensitive(root, "exhausted");
	const char *ended_by = text_of(document->pool, root, "ended_by", "");

	document->exhausted = cJSON_IsObject(exhausted);
	document->exhausted_what = text_of(document->pool, exhausted, "what", NULL);
	document->bound = (int)number_of(exhausted, "bound", BOUND_NONE);
	document->fraction_left = number_of(root, "fraction_left", -1);
	document->interrupted = strcmp(ended_by, "interrupt") == 0;
	document->budget_used = strcmp(ended_by, "budget") == 0;
	document->executions_used = strcmp(ended_by, "max-executions") == 0;
}

static void read_head(struct document *document, const cJSON *root)
{
	struct pool *pool = document->pool;

	document->race_version = text_of(pool, root, "version", "");
	document->command = text_of(pool, root, "command", NULL);
	document->verdict = text_of(pool, root, "verdict", document->verdict);
	document->reason = text_of(pool, root, "reason", NULL);
	document->exit_code = (int)count_of(root, "exit_code");
	document->executions = count_of(root, "executions");
	document->reference_executions = count_of(root, "reference_executions");
	document->confirming_executions = count_of(root, "confirming_executions");
	document->executions_per_second = number_of(root, "executions_per_second", 0);
	document->distinct_traces = count_of(root, "distinct_traces");
	document->trace_digest = strtoull(text_of(pool, root, "trace_digest", ""), NULL, 16);
	document->units = (uint32_t)count_of(root, "units");
	document->overlapping_pairs = (uint32_t)count_of(root, "overlapping_pairs");
	document->refused = (uint32_t)count_of(root, "refused");
	document->suspects = (uint32_t)count_of(root, "suspects");
	document->strategy = text_of(pool, root, "strategy", "");
	document->carrier = text_of(pool, root, "carrier", "");
	document->reuse = text_of(pool, root, "reuse", "");
	document->resumed = count_of(root, "resumed");
	document->fallback = text_of(pool, root, "fallback", NULL);
	document->seed = count_of(root, "seed");
	document->seconds = number_of(root, "seconds", 0);
	document->output = text_of(pool, root, "output", NULL);
	document->ran = *document->strategy != '\0' && document->executions + document->reference_executions > 0;
	document->judged = document->ran && document->executions;
}

struct document *document_read(const char *text, size_t nbytes, char *reason, size_t reason_bytes)
{
	cJSON *root = cJSON_ParseWithLength(text, nbytes);
	struct document *document;

	if (!cJSON_IsObject(root) || !cJSON_IsArray(cJSON_GetObjectItemCaseSensitive(root, "findings"))) {
		snprintf(reason, reason_bytes, root ? "it is JSON, but not a result of race" : "it is not JSON");
		cJSON_Delete(root);
		return NULL;
	}
	document = document_open();
	read_head(document, root);
	read_exhaustion(document, root);
	read_lists(document, root);
	read_findings(document, root);
	cJSON_Delete(root);
	return document;
}
