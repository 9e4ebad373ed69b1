/*
 * The result as one JSON document, described by race.schema.json; document_read() reads it back.
 */
#include "json_writer.h"
#include "phrase.h"
#include "report.h"

struct json {
	struct json_writer writer;
	const struct document *document;
	struct pool *pool;
};

static void write_exhausted(struct json_writer *writer, const struct document *document)
{
	if (!document->exhausted) {
		json_writer_null(writer, "exhausted");
		return;
	}
	json_writer_begin_object(writer, "exhausted");
	json_writer_text(writer, "what", document->exhausted_what ? document->exhausted_what : "sync points");
	if (document->bound < 0)
		json_writer_null(writer, "bound");
	else
		json_writer_count(writer, "bound", (uint64_t)document->bound);
	/* memory accesses are not watched, so nothing is known about them */
	json_writer_flag(writer, "race_free", false);
	json_writer_end_object(writer);
}

static void write_texts(struct json_writer *writer, const char *name, const char *const *texts, uint32_t count)
{
	uint32_t index;

	json_writer_begin_array(writer, name);
	for (index = 0; index < count; index++)
		json_writer_text(writer, NULL, texts[index]);
	json_writer_end_array(writer);
}

static void write_uncontrolled(struct json_writer *writer, const struct document *document)
{
	uint32_t index;

	json_writer_begin_array(writer, "uncontrolled");
	for (index = 0; index < document->nuncontrolled; index++) {
		json_writer_begin_object(writer, NULL);
		json_writer_text(writer, "reason", document->uncontrolled[index].reason);
		json_writer_text(writer, "where", document->uncontrolled[index].where);
		json_writer_count(writer, "count", document->uncontrolled[index].count);
		json_writer_end_object(writer);
	}
	json_writer_end_array(writer);
}

static void write_written(struct json_writer *writer, const struct document *document)
{
	uint32_t index;

	json_writer_begin_array(writer, "written");
	for (index = 0; index < document->nwritten; index++) {
		json_writer_begin_object(writer, NULL);
		json_writer_text(writer, "path", document->written[index].path);
		json_writer_text(writer, "how", document->written[index].how);
		json_writer_end_object(writer);
	}
	json_writer_end_array(writer);
}

static void write_replays(struct json_writer *writer, const struct document *document)
{
	const struct document_replay *replay;
	uint32_t index;

	json_writer_begin_array(writer, "replays");
	for (index = 0; index < document->nreplays; index++) {
		replay = &document->replays[index];
		json_writer_begin_object(writer, NULL);
		json_writer_text(writer, "schedule", replay->schedule);
		json_writer_text(writer, "verdict", replay->verdict);
		json_writer_text(writer, "message", replay->message);
		json_writer_flag(writer, "found", replay->found);
		json_writer_number(writer, "seconds", replay->seconds);
		json_writer_end_object(writer);
	}
	json_writer_end_array(writer);
}

static void write_digest(struct json_writer *writer, uint64_t digest)
{
	char text[20];

	snprintf(text, sizeof text, "%016llx", (unsigned long long)digest);
	json_writer_text(writer, "trace_digest", text);
}

static void write_numbers(struct json_writer *writer, const struct document *document)
{
	json_writer_count(writer, "executions", document->executions);
	json_writer_count(writer, "reference_executions", document->reference_executions);
	json_writer_count(writer, "confirming_executions", document->confirming_executions);
	json_writer_number(writer, "executions_per_second", document->executions_per_second);
	json_writer_count(writer, "distinct_traces", document->distinct_traces);
	write_digest(writer, document->trace_digest);
	json_writer_count(writer, "units", document->units);
	json_writer_count(writer, "overlapping_pairs", document->overlapping_pairs);
	json_writer_count(writer, "refused", document->refused);
	json_writer_count(writer, "suspects", document->suspects);
	write_exhausted(writer, document);
	json_writer_number(writer, "fraction_left", document->fraction_left >= 0 ? document->fraction_left :
		__builtin_nan(""));
	json_writer_text(writer, "ended_by", document->interrupted ? "interrupt" : document->budget_used ? "budget" :
		document->executions_used ? "max-executions" : document->nfindings ? "finding" :
		document->exhausted ? "exhaustion" : NULL);
}

static void *json_open(const struct document *document, const struct terminal *terminal, FILE *out)
{
	struct pool *pool = pool_open();
	struct json *json = pool_take(pool, sizeof(*json));
	struct json_writer *writer;

	(void)terminal;
	json->pool = pool;
	json->document = document;
	writer = &json->writer;
	json_writer_init(writer, out);
	json_writer_begin_object(writer, NULL);
	json_writer_text(writer, "version", document->race_version);
	json_writer_text(writer, "command", document->command ? document->command : "");
	json_writer_text(writer, "verdict", document->verdict);
	json_writer_text(writer, "reason", document->reason);
	json_writer_count(writer, "exit_code", (uint64_t)document->exit_code);
	write_numbers(writer, document);
	json_writer_text(writer, "strategy", document->strategy);
	json_writer_count(writer, "seed", document->seed);
	json_writer_text(writer, "carrier", document->carrier);
	json_writer_text(writer, "reuse", document->reuse);
	json_writer_count(writer, "resumed", document->resumed);
	json_writer_text(writer, "fallback", document->fallback);
	write_texts(writer, "ignored", document->ignored, document->nignored);
	write_texts(writer, "remarks", document->remarks, document->nremarks);
	write_uncontrolled(writer, document);
	write_written(writer, document);
	write_replays(writer, document);
	json_writer_begin_array(writer, "findings");
	return json;
}

static void write_frame(struct json_writer *writer, const struct document_frame *frame)
{
	json_writer_begin_object(writer, NULL);
	json_writer_text(writer, "function", frame->function);
	json_writer_text(writer, "file", frame->file);
	if (frame->line)
		json_writer_count(writer, "line", frame->line);
	else
		json_writer_null(writer, "line");
	json_writer_text(writer, "module", frame->module);
	json_writer_count(writer, "offset", frame->offset);
	json_writer_end_object(writer);
}

static void write_locations(struct json_writer *writer, const struct document_finding *finding)
{
	uint32_t index, frame;

	json_writer_begin_array(writer, "locations");
	for (index = 0; index < finding->nplaces; index++) {
		json_writer_begin_object(writer, NULL);
		json_writer_text(writer, "role", finding->places[index].role);
		json_writer_text(writer, "task", finding->places[index].task);
		json_writer_begin_array(writer, "frames");
		for (frame = 0; frame < finding->places[index].nframes; frame++)
			write_frame(writer, &finding->places[index].frames[frame]);
		json_writer_end_array(writer);
		json_writer_end_object(writer);
	}
	json_writer_end_array(writer);
}

static void write_entry(struct json_writer *writer, const struct timeline *timeline,
	const struct timeline_entry *entry)
{
	json_writer_begin_object(writer, NULL);
	json_writer_text(writer, "kind", timeline_word(entry->kind));
	json_writer_text(writer, "task", timeline->columns[entry->column]);
	json_writer_count(writer, "step", entry->step);
	json_writer_text(writer, "text", entry->text);
	write_texts(writer, "details", entry->details, entry->ndetails);
	json_writer_text(writer, "function", entry->function);
	json_writer_text(writer, "file", entry->file);
	if (entry->line)
		json_writer_count(writer, "line", entry->line);
	else
		json_writer_null(writer, "line");
	json_writer_end_object(writer);
}

static void write_timeline(struct json_writer *writer, const struct timeline *timeline)
{
	uint32_t index;

	json_writer_begin_array(writer, "timeline");
	for (index = 0; timeline && index < timeline->nentries; index++)
		if (timeline->entries[index].column < timeline->ncolumns)
			write_entry(writer, timeline, &timeline->entries[index]);
	json_writer_end_array(writer);
}

static void json_finding(void *state, const struct document_finding *finding)
{
	struct json_writer *writer = &((struct json *)state)->writer;

	json_writer_begin_object(writer, NULL);
	json_writer_text(writer, "kind", finding->kind);
	json_writer_text(writer, "class", finding->class);
	json_writer_text(writer, "fingerprint", finding->fingerprint);
	json_writer_text(writer, "message", finding->message);
	json_writer_text(writer, "schedule", finding->schedule);
	json_writer_text(writer, "replay", finding->replay);
	json_writer_count(writer, "first_execution", finding->first_execution);
	json_writer_flag(writer, "reference", finding->reference);
	json_writer_flag(writer, "serial", finding->serial);
	json_writer_count(writer, "preemptions", finding->npreemptions);
	json_writer_count(writer, "lines", finding->nlines);
	write_texts(writer, "tasks", finding->tasks, finding->ntasks);
	write_locations(writer, finding);
	write_timeline(writer, finding->timeline);
	json_writer_end_object(writer);
}

static void json_end(void *state)
{
	struct json *json = state;

	json_writer_end_array(&json->writer);
	json_writer_text(&json->writer, "output", json->document->output);
	json_writer_number(&json->writer, "seconds", json->document->seconds);
	json_writer_end_object(&json->writer);
	pool_close(json->pool);
}

const struct report report_json = {
	.name = "json",
	.open = json_open,
	.finding = json_finding,
	.end = json_end,
};
