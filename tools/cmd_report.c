/*
 * race report: shows a result or a schedule again.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "command_line.h"
#include "option_rows.h"
#include "report/phrase.h"
#include "report/report.h"
#include "schedule_file.h"
#include "shared/outcome.h"
#include "text_file.h"

static int show_result(const struct invocation *invocation, const char *path, const char *text, size_t nbytes)
{
	const struct report *report = report_find(invocation->format);
	char reason[128];
	struct document *document = document_read(text, nbytes, reason, sizeof(reason));
	int failed;

	if (!document) {
		fprintf(stderr, "race report: %s is no result: %s\n", path, reason);
		return EXIT_USAGE;
	}
	failed = report_save(report, document, "-");
	document_close(document);
	return failed ? EXIT_INTERNAL : EXIT_CLEAN;
}

static const char *object_of(struct pool *pool, const struct schedule_line *line)
{
	return line->object ? pool_print(pool, " %s", line->object) : "";
}

static const char *what_of(struct pool *pool, const struct schedule_line *line)
{
	const char *what;

	if (line->ended)
		return "until it has ended";
	if (line->op == OP_EXIT && !line->object)
		return "until it is about to end";
	what = pool_print(pool, "%s%s%s%s", op_info(line->op)->text, object_of(pool, line),
		line->text ? pool_print(pool, " \"%s\"", line->text) : "",
		line->function ? pool_print(pool, " in %s", line->function) : "");
	if (line->nth > 1)
		what = pool_print(pool, "%s, number %u", what, line->nth);
	return pool_print(pool, "until it is about to do %s", what);
}

static void show_line(struct pool *pool, const struct schedule_line *line, uint32_t number)
{
	if (line->kind == CHOICE_TASK)
		printf("  %2u  %s runs %s\n", number, line->task, what_of(pool, line));
	else
		printf("  %2u  %s: %s%s%s%s%s\n", number, line->task, choice_word(line->kind),
			line->op ? " at " : "", line->op ? op_info(line->op)->text : "", object_of(pool, line),
			line->answer ? pool_print(pool, " -> %s", line->answer) : "");
}

/* A schedule in words, and how to repeat it. */
static int show_schedule(const struct invocation *invocation, const char *path, const char *text, size_t nbytes)
{
	struct pool *pool = invocation->pool;
	char reason[256] = "";
	struct schedule *schedule = schedule_parse(text, nbytes, reason, sizeof(reason));
	uint32_t index;

	if (!schedule) {
		fprintf(stderr, "race report: %s is no schedule that can be used: %s\n", path, reason);
		return EXIT_USAGE;
	}
	if (schedule->kind)
		printf("%s %s\n\n", schedule->kind, schedule->fingerprint ? schedule->fingerprint : "");
	for (index = 0; index < schedule->ncomments; index++)
		printf("  %s\n", schedule->comments[index]);
	printf("%s%s\n", schedule->ncomments ? "\n" : "", phrase_count(pool, schedule->nlines, "line"));
	for (index = 0; index < schedule->nlines; index++)
		show_line(pool, &schedule->lines[index], index + 1);
	printf("  then the chooser %s goes on\n", schedule->chooser ? schedule->chooser : "first");
	printf("\nreplay  race replay %s%s%s\n", command_line_quote(pool, path), schedule->command ? " -- " : "",
		schedule->command ? schedule->command : "");
	schedule_close(schedule);
	return EXIT_CLEAN;
}

static bool looks_like_json(const char *text, size_t nbytes)
{
	size_t at;

	for (at = 0; at < nbytes; at++)
		if (!strchr(" \t\r\n", text[at]))
			return text[at] == '{';
	return false;
}

static int report(struct invocation *invocation)
{
	const char *path;
	size_t nbytes;
	char *text;
	int code;

	if (!invocation->operands.n) {
		fputs("race report: which file? race report FILE.json|FILE.race\n", stderr);
		return EXIT_USAGE;
	}
	path = invocation->operands.items[0];
	text = text_file_read(path, &nbytes);
	if (!text) {
		fprintf(stderr, "race report: %s can't be read: %s\n", path, strerror(errno));
		return EXIT_USAGE;
	}
	code = looks_like_json(text, nbytes) ? show_result(invocation, path, text, nbytes) :
		show_schedule(invocation, path, text, nbytes);
	free(text);
	return code;
}

static const struct option_row rows[] = {
	HEADING("Format"),
	WORD("format", format, "NAME", report_word, "how a result is written (default: text)"),
	END,
};

const struct command command_report = {
	.name = "report",
	.summary = "Show a result or a schedule again, in any format",
	.usage = "[OPTION]... FILE.json|FILE.race",
	.examples = "  race report result.json\n"
		"  race report --format html result.json > result.html\n"
		"  race report race-findings/serializability-5b1d09c2.race\n",
	.options = rows,
	.noperands = 1,
	.run = report,
};
