/*
 * The report for people: verdict, sentence, timeline, how to repeat it, and the honest ending.
 */
#include <stdlib.h>
#include <string.h>

#include "columns.h"
#include "phrase.h"
#include "report.h"
#include "shared/outcome.h"
#include "summary.h"

enum { FRAMES_SHOWN = 8, OUTPUT_LINES = 40 };

struct text {
	const struct document *document;
	const struct terminal *terminal;
	FILE *out;
	struct pool *pool;
};

static void colour(const struct text *text, enum colour which)
{
	fputs(terminal_colour(text->terminal, which), text->out);
}

static void *text_open(const struct document *document, const struct terminal *terminal, FILE *out)
{
	struct pool *pool = pool_open();
	struct text *text = pool_take(pool, sizeof(*text));

	*text = (struct text){.document = document, .terminal = terminal, .out = out, .pool = pool};
	const char *notice = summary_notice(pool, document);
	if (notice) {
		columns_wrap(notice, 0, terminal, out);
		putc('\n', out);
	}
	return text;
}

static void print_frame(const struct text *text, const struct document_frame *frame)
{
	const char *place;

	if (frame->file)
		place = pool_print(text->pool, "%s:%u", frame->file, frame->line);
	else if (frame->module)
		place = pool_print(text->pool, "%s+0x%llx", frame->module, (unsigned long long)frame->offset);
	else
		place = "";
	fputs("      ", text->out);
	terminal_write(text->terminal, text->out, pool_print(text->pool, "%-28s %s",
		frame->function ? frame->function : "?", place), SIZE_MAX);
	putc('\n', text->out);
}

static void print_place(const struct text *text, const struct document_place *place)
{
	uint32_t index;

	columns_wrap(place->role, 4, text->terminal, text->out);
	colour(text, COLOUR_DIM);
	for (index = 0; index < place->nframes && index < FRAMES_SHOWN; index++)
		print_frame(text, &place->frames[index]);
	if (place->nframes > FRAMES_SHOWN)
		fprintf(text->out, "      ... %u more\n", place->nframes - FRAMES_SHOWN);
	colour(text, COLOUR_PLAIN);
}

static void print_repeat(const struct text *text, const struct document_finding *finding)
{
	const char *size = "";

	if (finding->schedule)
		size = pool_print(text->pool, "   (%s, %s)", phrase_count(text->pool, finding->npreemptions,
			"preemption"), phrase_count(text->pool, finding->nlines, "line"));
	if (finding->schedule) {
		fputs("  schedule  ", text->out);
		terminal_write(text->terminal, text->out, finding->schedule, SIZE_MAX);
		fprintf(text->out, "%s\n", size);
	}
	if (finding->replay) {
		fputs("  replay    ", text->out);
		colour(text, COLOUR_BOLD);
		terminal_write(text->terminal, text->out, finding->replay, SIZE_MAX);
		colour(text, COLOUR_PLAIN);
		putc('\n', text->out);
	}
	if (finding->schedule || finding->replay)
		putc('\n', text->out);
}

static void print_headline(const struct text *text, const struct document_finding *finding)
{
	colour(text, COLOUR_RED);
	fputs("FOUND", text->out);
	colour(text, COLOUR_PLAIN);
	fputs("  ", text->out);
	colour(text, COLOUR_BOLD);
	fprintf(text->out, "%s%s%s", finding->kind, finding->class ? ": " : "", finding->class ? finding->class : "");
	colour(text, COLOUR_PLAIN);
	if (finding->first_execution)
		fprintf(text->out, "   in execution %s", phrase_number(text->pool, finding->first_execution));
	else if (finding->reference)
		fputs("   in the serial reference", text->out);
	fputs("\n\n", text->out);
}

static void text_finding(void *state, const struct document_finding *finding)
{
	const struct text *text = state;
	uint32_t index;

	print_headline(text, finding);
	columns_wrap(phrase_message(finding->message, finding->kind, finding->class), 2, text->terminal, text->out);
	if (finding->serial)
		columns_wrap("No preemption was needed.", 2, text->terminal, text->out);
	putc('\n', text->out);
	if (finding->timeline && finding->timeline->nentries) {
		columns_print(finding->timeline, text->terminal, text->out);
		putc('\n', text->out);
	}
	for (index = 0; index < finding->nplaces; index++)
		print_place(text, &finding->places[index]);
	if (finding->nplaces)
		putc('\n', text->out);
	print_repeat(text, finding);
}

/* The last lines that the failing execution wrote. */
static void print_output(const struct text *text)
{
	const char *output = text->document->output, *at, *end;
	unsigned int lines = 0;

	if (!output || !*output)
		return;
	for (at = output + strlen(output); at > output; at--)
		if (at[-1] == '\n' && at[0] && ++lines == OUTPUT_LINES)
			break;
	fprintf(text->out, "output of the failing execution%s:\n", at > output ? ", its last lines" : "");
	for (; *at; at = *end ? end + 1 : end) {
		end = strchrnul(at, '\n');
		fputs("  > ", text->out);
		terminal_write(text->terminal, text->out, at, (size_t)(end - at));
		putc('\n', text->out);
	}
	putc('\n', text->out);
}

static const char *label_of(const struct document_replay *replay)
{
	if (replay->found)
		return "FAILS";
	if (strcmp(replay->verdict, "diverged") == 0)
		return "stale";
	return strcmp(replay->verdict, "broken") == 0 ? "error" : "ok";
}

static void print_replays(const struct text *text)
{
	const struct document_replay *replay;
	const char *label;
	uint32_t index;

	for (index = 0; index < text->document->nreplays; index++) {
		replay = &text->document->replays[index];
		label = label_of(replay);
		colour(text, replay->found ? COLOUR_RED : strcmp(label, "ok") ? COLOUR_YELLOW : COLOUR_GREEN);
		fprintf(text->out, "%-6s", label);
		colour(text, COLOUR_PLAIN);
		terminal_write(text->terminal, text->out, replay->schedule, SIZE_MAX);
		fputs("  ", text->out);
		terminal_write(text->terminal, text->out, replay->message, SIZE_MAX);
		putc('\n', text->out);
	}
	if (text->document->nreplays)
		putc('\n', text->out);
}

static void print_summary(const struct text *text)
{
	const struct summary *summary = summary_build(text->pool, text->document);
	uint32_t index;

	for (index = 0; index < summary->nlines; index++) {
		fprintf(text->out, "%-11s ", index && strcmp(summary->lines[index].label,
			summary->lines[index - 1].label) == 0 ? "" : summary->lines[index].label);
		terminal_write(text->terminal, text->out, summary->lines[index].text, SIZE_MAX);
		putc('\n', text->out);
	}
}

static void print_reason(const struct text *text)
{
	const struct document *document = text->document;
	const char *reason = document->reason;

	if (document->exit_code == EXIT_COMMAND_FAILS)
		reason = pool_print(text->pool, "The command fails by itself, before anything is interleaved: %s", reason);
	columns_wrap(reason, 0, text->terminal, text->out);
	putc('\n', text->out);
}

static void text_end(void *state)
{
	struct text *text = state;
	const struct document *document = text->document;

	print_output(text);
	print_replays(text);
	if (!document->nfindings && document->reason)
		print_reason(text);
	if (document->ran)
		print_summary(text);
	pool_close(text->pool);
}

const struct report report_text = {
	.name = "text",
	.open = text_open,
	.finding = text_finding,
	.end = text_end,
};
