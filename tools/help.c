#include "help.h"

#include <string.h>

#include "terminal.h"

enum { HELP_INDENT = 26, HELP_WIDTH_MOST = 100 };

static const char *const exit_codes =
	"Exit codes: 0 clean · 66 findings · 1 the command fails by itself · 2 usage · 3 race failed ·\n"
	"4 could not be controlled, or the replay diverged\n";

/* Writes text wrapped at blanks between the columns `from` and `to`; the cursor stands at `from`. */
static void wrap(FILE *out, const char *text, unsigned int from, unsigned int to)
{
	unsigned int column = from, length;

	while (*text) {
		length = (unsigned int)strcspn(text, " ");
		if (column > from && column + 1 + length > to) {
			fprintf(out, "\n%*s", (int)from, "");
			column = from;
		}
		if (column > from) {
			putc(' ', out);
			column++;
		}
		fwrite(text, 1, length, out);
		column += length;
		text += length;
		text += strspn(text, " ");
	}
	putc('\n', out);
}

static void print_option(const struct option_row *row, unsigned int width, FILE *out)
{
	const char *word;
	uint32_t index;
	int column;

	column = fprintf(out, "  --%s%s%s", row->name, row->argument ? " " : "", row->argument ? row->argument : "");
	if (column > HELP_INDENT - 2) {
		putc('\n', out);
		column = 0;
	}
	fprintf(out, "%*s", HELP_INDENT - column, "");
	wrap(out, row->help, HELP_INDENT, width);
	if (row->type != OPTION_WORD)
		return;
	fprintf(out, "%*s", HELP_INDENT, "");
	for (index = 0; (word = row->words(index)); index++)
		fprintf(out, "%s%s", index ? ", " : "", word);
	putc('\n', out);
}

void help_command(const struct command *command, FILE *out)
{
	const struct option_row *row;
	struct terminal terminal;
	unsigned int width;

	terminal_inspect(out, &terminal);
	width = terminal.width < HELP_WIDTH_MOST ? terminal.width : HELP_WIDTH_MOST;
	fprintf(out, "Usage: race %s %s\n\n%s.\n", command->name, command->usage, command->summary);
	if (command->text)
		fprintf(out, "\n%s", command->text);
	for (row = command->options; row->type != OPTION_END; row++) {
		if (row->type == OPTION_HEADING)
			fprintf(out, "\n%s%s%s\n", terminal_colour(&terminal, COLOUR_BOLD), row->help,
				terminal_colour(&terminal, COLOUR_PLAIN));
		else if (!row->hidden && row->type != OPTION_ABSENT)
			print_option(row, width, out);
	}
	if (command->examples)
		fprintf(out, "\nExamples\n%s", command->examples);
	if (command->has_target)
		fprintf(out, "\n%s", exit_codes);
}

void help_overview(const struct command *const *commands, FILE *out)
{
	fputs("Usage: race COMMAND [OPTION]... [--] PROGRAM [ARGUMENT]...\n\n"
		"Finds concurrency bugs in programs as they are: takes control of who runs when, tries the\n"
		"interleavings that matter, and hands back the one that fails as a file that replays every time.\n\n", out);
	for (; *commands; commands++)
		fprintf(out, "  %-12s%s\n", (*commands)->name, (*commands)->summary);
	fputs("\n`race COMMAND --help` says more; `race --version` prints the version.\n"
		"`LD_PRELOAD=librace.so PROGRAM` observes one run at full speed.\n\n"
		"Settings come from race.ini (searched upward), then from the environment variable\n"
		"RACE_<COMMAND>_OPTIONS (\"seed=7 budget=30s\"), then from flags.\n\n", out);
	fputs(exit_codes, out);
}
