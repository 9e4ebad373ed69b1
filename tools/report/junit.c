/*
 * JUnit XML as CI servers read it: one suite; a test case for each committed schedule that was replayed, and one for
 * the exploration, which fails when there is a finding. The failure's text is the text report of the finding.
 */
#include <stdlib.h>
#include <string.h>

#include "markup.h"
#include "phrase.h"
#include "report.h"
#include "summary.h"

struct junit {
	const struct document *document;
	FILE *out;
	struct pool *pool;
};

static bool has_error(const struct document *document)
{
	return !document->nfindings && strcmp(document->verdict, document_verdict(VERDICT_CLEAN)) != 0;
}

static void begin_case(const struct junit *junit, const char *name, double seconds)
{
	fputs("    <testcase classname=\"race\" name=\"", junit->out);
	markup_text(junit->out, name);
	fprintf(junit->out, "\" time=\"%.3f\">\n", seconds);
}

static void end_case(const struct junit *junit)
{
	fputs("    </testcase>\n", junit->out);
}

/* What went wrong with a replay, as an element of that name. */
static void write_trouble(const struct junit *junit, const char *element, const char *message)
{
	fprintf(junit->out, "      <%s message=\"", element);
	markup_text(junit->out, message);
	fputs("\"/>\n", junit->out);
}

/* A schedule that can't be replayed at all was not tested: an error, lest a server show it green. */
static void write_replay(const struct junit *junit, const struct document_replay *replay)
{
	begin_case(junit, pool_print(junit->pool, "replay %s", replay->schedule), replay->seconds);
	if (replay->found)
		write_trouble(junit, "failure type=\"replay\"", replay->message);
	else if (strcmp(replay->verdict, "diverged") == 0)
		write_trouble(junit, "skipped", replay->message);
	else if (strcmp(replay->verdict, "broken") == 0)
		write_trouble(junit, "error type=\"replay\"", replay->message);
	end_case(junit);
}

static void count(const struct document *document, uint32_t *ntests, uint32_t *nfailures, uint32_t *nerrors,
	uint32_t *nskipped)
{
	uint32_t index;

	*nskipped = 0;
	*ntests = document->nreplays + (document->nfindings ? document->nfindings : 1);
	*nfailures = document->nfindings;
	*nerrors = has_error(document) ? 1 : 0;
	for (index = 0; index < document->nreplays; index++) {
		*nfailures += document->replays[index].found;
		*nskipped += !document->replays[index].found && strcmp(document->replays[index].verdict, "diverged") == 0;
		*nerrors += strcmp(document->replays[index].verdict, "broken") == 0;
	}
}

static void *junit_open(const struct document *document, const struct terminal *terminal, FILE *out)
{
	struct pool *pool = pool_open();
	struct junit *junit = pool_take(pool, sizeof(*junit));
	uint32_t ntests, nfailures, nerrors, nskipped, index;

	(void)terminal;
	*junit = (struct junit){.document = document, .out = out, .pool = pool};
	count(document, &ntests, &nfailures, &nerrors, &nskipped);
	fprintf(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites tests=\"%u\" failures=\"%u\" errors=\"%u\" "
		"time=\"%.3f\">\n  <testsuite name=\"race\" tests=\"%u\" failures=\"%u\" errors=\"%u\" skipped=\"%u\" "
		"time=\"%.3f\">\n", ntests, nfailures, nerrors, document->seconds, ntests, nfailures, nerrors, nskipped,
		document->seconds);
	for (index = 0; index < document->nreplays; index++)
		write_replay(junit, &document->replays[index]);
	return junit;
}

static const char *title(const struct junit *junit, const struct document_finding *finding)
{
	return pool_print(junit->pool, "%s%s%s %s", finding->kind, finding->class ? ": " : "",
		finding->class ? finding->class : "", finding->fingerprint);
}

/* The finding as the text report shows it. */
static char *story(const struct document *document, const struct document_finding *finding)
{
	static const struct terminal plain = {.width = 120, .utf8 = true};
	struct document silent = {.pool = document->pool, .verdict = document->verdict};
	char *text = NULL;
	size_t nbytes;
	FILE *stream = open_memstream(&text, &nbytes);
	void *state;

	if (!stream)
		return NULL;
	state = report_text.open(&silent, &plain, stream);
	report_text.finding(state, finding);
	report_text.end(state);
	fclose(stream);
	return text;
}

static void junit_finding(void *state, const struct document_finding *finding)
{
	const struct junit *junit = state;
	char *text = story(junit->document, finding);

	begin_case(junit, title(junit, finding), junit->document->seconds / junit->document->nfindings);
	fprintf(junit->out, "      <failure type=\"%s\" message=\"", finding->kind);
	markup_text(junit->out, finding->message);
	fputs("\">", junit->out);
	markup_text(junit->out, text);
	fputs("</failure>\n", junit->out);
	if (finding->replay) {
		fputs("      <system-out>", junit->out);
		markup_text(junit->out, finding->replay);
		fputs("\n</system-out>\n", junit->out);
	}
	end_case(junit);
	free(text);
}

static void write_exploration(const struct junit *junit)
{
	const struct summary *summary = summary_build(junit->pool, junit->document);
	uint32_t index;

	begin_case(junit, pool_print(junit->pool, "explore %s", junit->document->command ? junit->document->command : ""),
		junit->document->seconds);
	if (has_error(junit->document)) {
		fprintf(junit->out, "      <error type=\"%s\" message=\"", junit->document->verdict);
		markup_text(junit->out, junit->document->reason);
		fputs("\"/>\n", junit->out);
	}
	fputs("      <system-out>", junit->out);
	for (index = 0; index < summary->nlines; index++)
		markup_text(junit->out, pool_print(junit->pool, "%-12s%s\n", summary->lines[index].label,
			summary->lines[index].text));
	fputs("</system-out>\n", junit->out);
	end_case(junit);
}

static void junit_end(void *state)
{
	struct junit *junit = state;

	if (!junit->document->nfindings)
		write_exploration(junit);
	fputs("  </testsuite>\n</testsuites>\n", junit->out);
	pool_close(junit->pool);
}

const struct report report_junit = {
	.name = "junit",
	.open = junit_open,
	.finding = junit_finding,
	.end = junit_end,
};
