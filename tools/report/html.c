/*
 * One page to look at, offline: no script, no font, no address of anything outside it. The timeline is a grid with a
 * column per task and a row per entry, so that reading down is reading in time.
 */
#include <stdlib.h>
#include <string.h>

#include "html_style.h"
#include "markup.h"
#include "phrase.h"
#include "report.h"
#include "summary.h"

struct html {
	const struct document *document;
	FILE *out;
	struct pool *pool;
};

static void element(const struct html *html, const char *tag, const char *class, const char *text)
{
	fprintf(html->out, "<%s%s%s%s>", tag, class ? " class=\"" : "", class ? class : "", class ? "\"" : "");
	markup_text(html->out, text);
	fprintf(html->out, "</%s>\n", tag);
}

static const char *verdict_class(const struct document *document)
{
	if (document->nfindings)
		return "bad";
	return strcmp(document->verdict, document_verdict(VERDICT_CLEAN)) == 0 ? "good" : "odd";
}

static void *html_open(const struct document *document, const struct terminal *terminal, FILE *out)
{
	struct pool *pool = pool_open();
	struct html *html = pool_take(pool, sizeof(*html));
	const char *verdict;

	(void)terminal;
	*html = (struct html){.document = document, .out = out, .pool = pool};
	fputs("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
		"<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>race: ", out);
	markup_text(out, document->command ? document->command : "result");
	fprintf(out, "</title>\n<style>\n%s</style>\n</head>\n<body>\n<main>\n<header>\n", html_style);
	verdict = document->nfindings ? phrase_count(pool, document->nfindings, "finding") :
		strcmp(document->verdict, document_verdict(VERDICT_CLEAN)) == 0 ? "no finding" : document->verdict;
	element(html, "h1", verdict_class(document), verdict);
	if (document->command)
		element(html, "code", "command", document->command);
	fputs("</header>\n", out);
	if (summary_notice(pool, document))
		element(html, "p", "notice", summary_notice(pool, document));
	if (!document->nfindings && document->reason)
		element(html, "p", "notice", document->reason);
	return html;
}

static const char *entry_class(enum entry_kind kind)
{
	switch (kind) {
	case ENTRY_STATEMENT: return "entry statement";
	case ENTRY_BLOCKED: case ENTRY_FAILURE: return "entry failure";
	case ENTRY_EFFECT: return "entry effect";
	case ENTRY_PREEMPTION: return "switch";
	case ENTRY_LABEL: case ENTRY_GAP: return "entry label";
	default: return "entry";
	}
}

static void write_place(const struct html *html, const char *function, const char *file, uint32_t line)
{
	if (!function && !file)
		return;
	fputs("<div class=\"place\">", html->out);
	markup_text(html->out, function);
	if (file) {
		fputs(function ? " · " : "", html->out);
		markup_text(html->out, file);
		fprintf(html->out, ":%u", line);
	}
	fputs("</div>", html->out);
}

static void write_entry(const struct html *html, const struct timeline_entry *entry, uint32_t row)
{
	uint32_t detail;

	fprintf(html->out, "<div class=\"%s\" style=\"grid-column:%u;grid-row:%u\" title=\"step %u\">",
		entry_class(entry->kind), entry->column + 1, row, entry->step);
	fputs(entry->kind == ENTRY_PREEMPTION ? "⇢ " : "", html->out);
	fputs("<div class=\"text\">", html->out);
	markup_text(html->out, entry->text);
	fputs("</div>", html->out);
	for (detail = 0; detail < entry->ndetails; detail++) {
		fputs("<div class=\"detail\">", html->out);
		markup_text(html->out, entry->details[detail]);
		fputs("</div>", html->out);
	}
	if (entry->kind != ENTRY_PREEMPTION)
		write_place(html, entry->function, entry->file, entry->line);
	fputs("</div>\n", html->out);
}

static void write_timeline(const struct html *html, const struct timeline *timeline)
{
	uint32_t index;

	if (!timeline || !timeline->nentries || !timeline->ncolumns)
		return;
	fprintf(html->out, "<div class=\"scroll\"><div class=\"timeline\" style=\"grid-template-columns:"
		"repeat(%u,minmax(14rem,1fr))\">\n", timeline->ncolumns);
	for (index = 0; index < timeline->ncolumns; index++) {
		fprintf(html->out, "<div class=\"lane\" style=\"grid-column:%u;grid-row:1/span %u\"></div>\n", index + 1,
			timeline->nentries + 1);
		fprintf(html->out, "<div class=\"task\" style=\"grid-column:%u;grid-row:1\">", index + 1);
		markup_text(html->out, timeline->columns[index]);
		fputs("</div>\n", html->out);
	}
	for (index = 0; index < timeline->nentries; index++)
		if (timeline->entries[index].column < timeline->ncolumns)
			write_entry(html, &timeline->entries[index], index + 2);
	fputs("</div></div>\n", html->out);
}

static void write_frame(const struct html *html, const struct document_frame *frame)
{
	fputs("<tr><td>", html->out);
	markup_text(html->out, frame->function ? frame->function : "?");
	fputs("</td><td>", html->out);
	if (frame->file) {
		markup_text(html->out, frame->file);
		fprintf(html->out, ":%u", frame->line);
	} else if (frame->module) {
		markup_text(html->out, frame->module);
		fprintf(html->out, "+0x%llx", (unsigned long long)frame->offset);
	}
	fputs("</td></tr>\n", html->out);
}

static void write_places(const struct html *html, const struct document_finding *finding)
{
	const struct document_place *place;
	uint32_t index, frame;

	for (index = 0; index < finding->nplaces; index++) {
		place = &finding->places[index];
		fprintf(html->out, "<details%s><summary>", index < 2 ? " open" : "");
		markup_text(html->out, place->role);
		fputs("</summary>\n<table class=\"stack\">\n", html->out);
		for (frame = 0; frame < place->nframes; frame++)
			write_frame(html, &place->frames[frame]);
		fputs("</table></details>\n", html->out);
	}
}

static void html_finding(void *state, const struct document_finding *finding)
{
	const struct html *html = state;
	const char *first;

	fputs("<section>\n", html->out);
	element(html, "h2", NULL, pool_print(html->pool, "%s%s%s", finding->kind, finding->class ? ": " : "",
		finding->class ? finding->class : ""));
	element(html, "p", "message", phrase_message(finding->message, finding->kind, finding->class));
	if (finding->serial)
		element(html, "p", "message", "No preemption was needed.");
	write_timeline(html, finding->timeline);
	write_places(html, finding);
	if (finding->replay) {
		element(html, "h3", NULL, "Replay");
		element(html, "pre", NULL, finding->replay);
	}
	first = finding->reference ? "the serial reference" :
		pool_print(html->pool, "execution %s", phrase_number(html->pool, finding->first_execution));
	element(html, "p", "small", pool_print(html->pool, "fingerprint %s · first in %s%s%s", finding->fingerprint, first,
		finding->schedule ? " · schedule " : "", finding->schedule ? finding->schedule : ""));
	fputs("</section>\n", html->out);
}

static void write_summary(const struct html *html)
{
	const struct summary *summary = summary_build(html->pool, html->document);
	uint32_t index;

	fputs("<section>\n<h2>What was explored</h2>\n<table class=\"summary\">\n", html->out);
	for (index = 0; index < summary->nlines; index++) {
		fputs("<tr><th>", html->out);
		markup_text(html->out, summary->lines[index].label);
		fputs("</th><td>", html->out);
		markup_text(html->out, summary->lines[index].text);
		fputs("</td></tr>\n", html->out);
	}
	fputs("</table>\n</section>\n", html->out);
}

static void write_replays(const struct html *html)
{
	const struct document_replay *replay;
	uint32_t index;

	if (!html->document->nreplays)
		return;
	fputs("<section>\n<h2>Committed schedules</h2>\n<table class=\"summary\">\n", html->out);
	for (index = 0; index < html->document->nreplays; index++) {
		replay = &html->document->replays[index];
		fprintf(html->out, "<tr><th class=\"%s\">", replay->found ? "bad" : "good");
		markup_text(html->out, replay->schedule);
		fputs("</th><td>", html->out);
		markup_text(html->out, pool_print(html->pool, "%s%s%s", replay->found ? "fails: " : "", replay->verdict,
			*replay->message ? pool_print(html->pool, ": %s", replay->message) : ""));
		fputs("</td></tr>\n", html->out);
	}
	fputs("</table>\n</section>\n", html->out);
}

static void html_end(void *state)
{
	struct html *html = state;

	write_replays(html);
	write_summary(html);
	if (html->document->output && *html->document->output) {
		fputs("<section>\n<h2>Output of the failing execution</h2>\n", html->out);
		element(html, "pre", NULL, html->document->output);
		fputs("</section>\n", html->out);
	}
	fprintf(html->out, "<footer>race %s</footer>\n</main>\n</body>\n</html>\n", html->document->race_version);
	pool_close(html->pool);
}

const struct report report_html = {
	.name = "html",
	.open = html_open,
	.finding = html_finding,
	.end = html_end,
};
