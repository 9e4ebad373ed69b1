#include <inttypes.h>
#include <string.h>

#include "schedule.h"

enum { COLUMN = 8 };

/* One byte as C would write it within quotes. Returns how many bytes that took. */
static int print_escaped(unsigned char byte, FILE *out)
{
	switch (byte) {
	case '\n': return fputs("\\n", out) < 0 ? -1 : 2;
	case '\t': return fputs("\\t", out) < 0 ? -1 : 2;
	case '"': return fputs("\\\"", out) < 0 ? -1 : 2;
	case '\\': return fputs("\\\\", out) < 0 ? -1 : 2;
	default: return fprintf(out, "\\%03o", byte);
	}
}

static bool is_control(unsigned char byte)
{
	return byte < ' ' || byte == 0x7f;
}

/* A word that stands for itself: no blanks, no quotes, and nothing that the grammar knows in its place. */
static int print_word(const char *word, FILE *out)
{
	int nbytes = 0;
	bool is_keyword = strcmp(word, "in") == 0;

	for (const char *at = word; *at != '\0'; at++) {
		unsigned char byte = (unsigned char)*at;
		bool first = at == word;
		bool plain = !is_control(byte) && byte != ' ' && byte != '"' && byte != '\\' &&
			!(first && (byte == '#' || is_keyword));
		nbytes += plain ? (fputc(byte, out), 1) : print_escaped(byte, out);
	}
	return nbytes;
}

static void print_quoted(const char *text, FILE *out)
{
	fputc('"', out);
	for (; *text != '\0'; text++) {
		unsigned char byte = (unsigned char)*text;
		if (is_control(byte) || byte == '"' || byte == '\\')
			print_escaped(byte, out);
		else
			fputc(byte, out);
	}
	fputc('"', out);
}

/* What goes on to the end of the line: only what would be taken for something else is escaped. */
static void print_rest(const char *text, FILE *out)
{
	for (const char *at = text; *at != '\0'; at++) {
		unsigned char byte = (unsigned char)*at;
		bool at_edge = at == text || at[1] == '\0';
		if (is_control(byte) || byte == '\\' || (byte == ' ' && at_edge))
			print_escaped(byte, out);
		else
			fputc(byte, out);
	}
}

static void print_comment(const char *text, FILE *out)
{
	fputs(*text != '\0' ? "# " : "#", out);
	for (; *text != '\0'; text++)
		fputc(is_control((unsigned char)*text) && *text != '\t' ? ' ' : *text, out);
	fputc('\n', out);
}

static void print_header(const char *word, const char *text, FILE *out)
{
	fprintf(out, "%-*s ", COLUMN, word);
	print_rest(text, out);
	fputc('\n', out);
}

static void print_text(const struct schedule_line *line, FILE *out)
{
	fputc(' ', out);
	print_quoted(line->text, out);
	if (line->text_hash != 0)
		fprintf(out, "~%08" PRIx32, (uint32_t)line->text_hash);
}

static void print_name(const char *name, FILE *out)
{
	fputc(' ', out);
	print_word(name, out);
}

void schedule_print_what(const struct schedule_line *line, FILE *out)
{
	if (line->op != OP_NONE)
		fprintf(out, " %s", line->op == OP_EXIT ? "exiting" : op_info(line->op)->text);
	if (line->object != NULL)
		print_name(line->object, out);
	if (line->answer != NULL)
		print_name(line->answer, out);
	if (line->text != NULL)
		print_text(line, out);
	if (line->function != NULL) {
		fputs("  in ", out);
		print_word(line->function, out);
	}
	if (line->nth > 1)
		fprintf(out, "  #%" PRIu32, line->nth);
}

static void print_until(const struct schedule_line *line, FILE *out)
{
	fputs("  until ", out);
	if (line->ended)
		fputs(" exit", out);
	else
		schedule_print_what(line, out);
}

static bool leaves_all_open(const struct schedule_line *line)
{
	return !line->ended && line->op == OP_NONE && line->text == NULL && line->object == NULL &&
		line->function == NULL && line->answer == NULL && line->nth <= 1;
}

/* What is chosen: a channel, or what goes on to the end of the line. */
static void print_value(const struct schedule_line *line, FILE *out)
{
	fputs(line->object != NULL ? " " : "  ", out);
	if (line->object != NULL)
		schedule_print_what(line, out);
	else
		print_rest(line->answer, out);
}

void schedule_print_line(const struct schedule_line *line, FILE *out)
{
	fprintf(out, "%-*s ", COLUMN, choice_word(line->kind));
	for (int at = print_word(line->task, out); at < COLUMN && !leaves_all_open(line); at++)
		fputc(' ', out);
	switch (line->kind) {
	case CHOICE_TASK:
		print_until(line, out);
		break;
	case CHOICE_TIMEOUT: case CHOICE_WAKE: case CHOICE_BUSY:
		fputs(leaves_all_open(line) ? "" : " ", out);
		schedule_print_what(line, out);
		break;
	case CHOICE_FAULT:
		fputc(' ', out);
		schedule_print_what(line, out);
		break;
	default:
		print_value(line, out);
		break;
	}
	fputc('\n', out);
}

static void print_finding(const struct schedule *schedule, FILE *out)
{
	fprintf(out, "%-*s ", COLUMN, "finding");
	print_word(schedule->kind, out);
	if (schedule->fingerprint != NULL)
		fprintf(out, " %s", schedule->fingerprint);
	fputc('\n', out);
}

int schedule_print(const struct schedule *schedule, FILE *out)
{
	fputs("race-schedule 1\n", out);
	for (uint32_t i = 0; i < schedule->ncomments; i++)
		print_comment(schedule->comments[i], out);
	if (schedule->command != NULL)
		print_header("command", schedule->command, out);
	if (schedule->kind != NULL)
		print_finding(schedule, out);
	if (schedule->chooser != NULL)
		print_header("chooser", schedule->chooser, out);
	if (schedule->observed)
		print_header("origin", "observed", out);
	if (schedule->has_seed)
		fprintf(out, "%-*s %" PRIu64 "\n", COLUMN, "seed", schedule->seed);
	for (uint32_t i = 0; i < schedule->ndatabases; i++)
		print_header("db", schedule->databases[i], out);
	for (uint32_t i = 0; i < schedule->nlines; i++)
		schedule_print_line(&schedule->lines[i], out);
	if (schedule->has_trace)
		fprintf(out, "%-*s %016" PRIx64 "\n", COLUMN, "trace", schedule->trace);
	return fflush(out) != 0 || ferror(out) ? -1 : 0;
}
