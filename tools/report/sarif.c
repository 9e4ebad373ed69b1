/*
 * SARIF 2.1.0 (OASIS, 2020) for code hosting sites. Each finding is a result with the places as locations, the
 * interleaving as one thread flow per task with a common executionOrder, and the fingerprint under which the site
 * recognises it again. Sites draw little of the flows, so the message stands alone.
 */
#include <string.h>

#include "json_writer.h"
#include "phrase.h"
#include "report.h"

enum { FLOW_LOCATIONS_MOST = 500 };

struct sarif {
	struct json_writer writer;
	const struct document *document;
	struct pool *pool;
};

static const struct rule {
	const char *kind, *text;
} rules[] = {
	{"assert", "An assertion failed in some interleaving"},
	{"check", "A check of the user failed in some interleaving"},
	{"crash", "The program crashed in some interleaving"},
	{"data-race", "Two tasks access memory without order between them"},
	{"deadlock", "Tasks wait for each other and nobody can go on"},
	{"exit", "The program failed in some interleaving"},
	{"hang", "A task neither went on nor ended"},
	{"livelock", "Tasks go on without progress"},
	{"lock-order", "Locks are taken in contrary orders"},
	{"misuse", "A synchronisation object is used wrongly"},
	{"serializability", "The outcome is none that the units give one after another"},
	{"uncontrolled", "Something could not be controlled"},
};

static void write_text_object(struct json_writer *writer, const char *name, const char *text)
{
	json_writer_begin_object(writer, name);
	json_writer_text(writer, "text", text);
	json_writer_end_object(writer);
}

static void write_rules(struct json_writer *writer)
{
	size_t index;

	json_writer_begin_array(writer, "rules");
	for (index = 0; index < sizeof(rules) / sizeof(rules[0]); index++) {
		json_writer_begin_object(writer, NULL);
		json_writer_text(writer, "id", rules[index].kind);
		write_text_object(writer, "shortDescription", rules[index].text);
		json_writer_end_object(writer);
	}
	json_writer_end_array(writer);
}

static void *sarif_open(const struct document *document, const struct terminal *terminal, FILE *out)
{
	struct pool *pool = pool_open();
	struct sarif *sarif = pool_take(pool, sizeof(*sarif));
	struct json_writer *writer = &sarif->writer;

	(void)terminal;
	sarif->document = document;
	sarif->pool = pool;
	json_writer_init(writer, out);
	json_writer_begin_object(writer, NULL);
	json_writer_text(writer, "$schema", "https://json.schemastore.org/sarif-2.1.0.json");
	json_writer_text(writer, "version", "2.1.0");
	json_writer_begin_array(writer, "runs");
	json_writer_begin_object(writer, NULL);
	json_writer_begin_object(writer, "tool");
	json_writer_begin_object(writer, "driver");
	json_writer_text(writer, "name", "race");
	json_writer_text(writer, "version", document->race_version);
	write_rules(writer);
	json_writer_end_object(writer);
	json_writer_end_object(writer);
	json_writer_begin_array(writer, "results");
	return sarif;
}

/* A path as a URI reference (RFC 3986): all but unreserved characters and slashes are escaped. */
static const char *uri_of(struct pool *pool, const char *path)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~/";
	char *uri = pool_take(pool, 3 * strlen(path) + 1), *end = uri;

	for (; *path; path++) {
		if (strchr(plain, *path))
			*end++ = *path;
		else
			end += sprintf(end, "%%%02X", (unsigned char)*path);
	}
	return uri;
}

/* Relative files only: absolute ones mean nothing to a site. */
static void write_physical(struct sarif *sarif, const char *file, uint32_t line)
{
	struct json_writer *writer = &sarif->writer;

	if (!file || *file == '/')
		return;
	json_writer_begin_object(writer, "physicalLocation");
	json_writer_begin_object(writer, "artifactLocation");
	json_writer_text(writer, "uri", uri_of(sarif->pool, file));
	json_writer_end_object(writer);
	if (line) {
		json_writer_begin_object(writer, "region");
		json_writer_count(writer, "startLine", line);
		json_writer_end_object(writer);
	}
	json_writer_end_object(writer);
}

static const struct document_frame *own_frame(const struct document_place *place)
{
	uint32_t index;

	for (index = 0; index < place->nframes; index++)
		if (place->frames[index].file && *place->frames[index].file != '/')
			return &place->frames[index];
	return place->nframes ? &place->frames[0] : NULL;
}

static void write_location(struct sarif *sarif, const struct document_place *place)
{
	struct json_writer *writer = &sarif->writer;
	const struct document_frame *frame = own_frame(place);

	json_writer_begin_object(writer, NULL);
	if (frame)
		write_physical(sarif, frame->file, frame->line);
	write_text_object(writer, "message", place->role);
	json_writer_end_object(writer);
}

static void write_locations(struct sarif *sarif, const char *name, const struct document_finding *finding,
	uint32_t from, uint32_t to)
{
	json_writer_begin_array(&sarif->writer, name);
	for (; from < to && from < finding->nplaces; from++)
		write_location(sarif, &finding->places[from]);
	json_writer_end_array(&sarif->writer);
}

static void write_flow_location(struct sarif *sarif, const struct timeline_entry *entry, uint32_t order)
{
	struct json_writer *writer = &sarif->writer;
	const char *text = entry->text;
	uint32_t detail;

	for (detail = 0; detail < entry->ndetails; detail++)
		text = pool_print(sarif->pool, "%s; %s", text, entry->details[detail]);
	json_writer_begin_object(writer, NULL);
	json_writer_count(writer, "executionOrder", order);
	json_writer_begin_object(writer, "location");
	write_physical(sarif, entry->file, entry->line);
	write_text_object(writer, "message", text);
	json_writer_end_object(writer);
	json_writer_end_object(writer);
}

/* One flow per task; executionOrder tells how they interleave. */
static void write_flow(struct sarif *sarif, const struct timeline *timeline, uint32_t column)
{
	struct json_writer *writer = &sarif->writer;
	uint32_t index;

	json_writer_begin_object(writer, NULL);
	json_writer_text(writer, "id", timeline->columns[column]);
	json_writer_begin_array(writer, "locations");
	for (index = 0; index < timeline->nentries && index < FLOW_LOCATIONS_MOST; index++)
		if (timeline->entries[index].column == column)
			write_flow_location(sarif, &timeline->entries[index], index + 1);
	json_writer_end_array(writer);
	json_writer_end_object(writer);
}

static bool has_entries(const struct timeline *timeline, uint32_t column)
{
	uint32_t index;

	for (index = 0; index < timeline->nentries && index < FLOW_LOCATIONS_MOST; index++)
		if (timeline->entries[index].column == column)
			return true;
	return false;
}

static void write_flows(struct sarif *sarif, const struct timeline *timeline)
{
	struct json_writer *writer = &sarif->writer;
	uint32_t column;

	if (!timeline || !timeline->nentries)
		return;
	json_writer_begin_array(writer, "codeFlows");
	json_writer_begin_object(writer, NULL);
	write_text_object(writer, "message", "the interleaving that fails");
	json_writer_begin_array(writer, "threadFlows");
	for (column = 0; column < timeline->ncolumns; column++)
		if (has_entries(timeline, column))
			write_flow(sarif, timeline, column);
	json_writer_end_array(writer);
	json_writer_end_object(writer);
	json_writer_end_array(writer);
}

static void sarif_finding(void *state, const struct document_finding *finding)
{
	struct sarif *sarif = state;
	struct json_writer *writer = &sarif->writer;
	const char *message = finding->message;

	if (finding->replay)
		message = pool_print(sarif->pool, "%s\nReplay: %s", message, finding->replay);
	json_writer_begin_object(writer, NULL);
	json_writer_text(writer, "ruleId", finding->kind);
	json_writer_text(writer, "level", "error");
	write_text_object(writer, "message", message);
	write_locations(sarif, "locations", finding, 0, 1);
	if (finding->nplaces > 1)
		write_locations(sarif, "relatedLocations", finding, 1, finding->nplaces);
	json_writer_begin_object(writer, "partialFingerprints");
	json_writer_text(writer, "race/v1", finding->fingerprint);
	json_writer_end_object(writer);
	write_flows(sarif, finding->timeline);
	json_writer_begin_object(writer, "properties");
	json_writer_text(writer, "class", finding->class);
	json_writer_text(writer, "schedule", finding->schedule);
	json_writer_count(writer, "seed", sarif->document->seed);
	json_writer_end_object(writer);
	json_writer_end_object(writer);
}

static void sarif_end(void *state)
{
	struct sarif *sarif = state;
	struct json_writer *writer = &sarif->writer;

	json_writer_end_array(writer);
	json_writer_begin_array(writer, "invocations");
	json_writer_begin_object(writer, NULL);
	json_writer_text(writer, "commandLine", sarif->document->command ? sarif->document->command : "");
	json_writer_count(writer, "exitCode", (uint64_t)sarif->document->exit_code);
	json_writer_flag(writer, "executionSuccessful",
		strcmp(sarif->document->verdict, document_verdict(VERDICT_INTERNAL)) != 0);
	json_writer_end_object(writer);
	json_writer_end_array(writer);
	json_writer_end_object(writer);
	json_writer_end_array(writer);
	json_writer_end_object(writer);
	pool_close(sarif->pool);
}

const struct report report_sarif = {
	.name = "sarif",
	.open = sarif_open,
	.finding = sarif_finding,
	.end = sarif_end,
};
