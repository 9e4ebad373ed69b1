#include <errno.h>
#include <ctype.h>
#include <stdlib.h>
#include <stdio.h>
#include <string.h>

#include "schedule.h"
#include "shared/decimal.h"
#include "shared/plan.h"
#include "words.h"

static int take_count(struct words *words, struct schedule_line *line, const struct word *word)
{
	const char *end = word->bytes + word->nbytes;
	uint64_t value;

	if (decimal_read(word->bytes + 1, end, &value) != end || value == 0 || value > UINT32_MAX)
		return words_fail(words, "'%.*s' is no count such as #2", word_shown(word), word->bytes);
	line->nth = (uint32_t)value;
	return 0;
}

static int take_function(struct words *words, struct schedule_line *line)
{
	struct word word;

	if (words_expect(words, &word, "the function after 'in'") != 0)
		return -1;
	return words_text(words, &line->function, &word, "function");
}

static int take_statement(struct words *words, struct schedule_line *line, const struct word *word)
{
	line->text_hash = word->text_hash;
	return words_text(words, &line->text, word, "text");
}

/* A word that is neither a count nor a keyword: the object, then (of `wake`) who wakes. */
static int take_name(struct words *words, struct schedule_line *line, const struct word *word)
{
	if (line->object != NULL && line->kind == CHOICE_WAKE)
		return words_text(words, &line->answer, word, "task to wake");
	return words_text(words, &line->object, word, "object");
}

/* [OBJECT] ["TEXT"] [in FUNCTION] [#n], in any order. */
static int take_details(struct words *words, struct schedule_line *line)
{
	struct word word;
	int there;

	while ((there = words_next(words, &word)) > 0) {
		int taken;
		if (word.quoted)
			taken = take_statement(words, line, &word);
		else if (word.bytes[0] == '#')
			taken = take_count(words, line, &word);
		else if (word_is(&word, "in"))
			taken = take_function(words, line);
		else
			taken = take_name(words, line, &word);
		if (taken != 0)
			return -1;
	}
	return there;
}

static int take_op(struct words *words, struct schedule_line *line)
{
	struct word word;

	if (words_expect(words, &word, "an operation") != 0)
		return -1;
	line->op = word.quoted ? OP_NONE : op_parse(word.bytes, (uint32_t)word.nbytes);
	if (word_is(&word, "exiting"))
		line->op = OP_EXIT;
	if (line->op == OP_NONE)
		return words_fail(words, "'%.*s' is no operation", word_shown(&word), word.bytes);
	return 0;
}

/* WHAT, where the operation may be absent: it is there when the line goes on with a word that is no detail. */
static int take_optional_what(struct words *words, struct schedule_line *line)
{
	struct word word;
	const char *start = words->at;
	int there = words_next(words, &word);

	words->at = start;
	if (there <= 0)
		return there;
	if (!word.quoted && word.bytes[0] != '#' && !word_is(&word, "in") && take_op(words, line) != 0)
		return -1;
	if (take_details(words, line) != 0)
		return -1;
	if (line->op == OP_NONE && line->object != NULL)
		return words_fail(words, "an object without an operation");
	return 0;
}

static int take_until(struct words *words, struct schedule_line *line)
{
	struct word word;

	if (words_expect(words, &word, "'until'") != 0)
		return -1;
	if (!word_is(&word, "until"))
		return words_fail(words, "'until' is expected, not '%.*s'", word_shown(&word), word.bytes);
	const char *start = words->at;
	if (words_next(words, &word) > 0 && word_is(&word, "exit")) {
		line->ended = true;
		return words_end(words);
	}
	words->at = start;
	return take_op(words, line) != 0 ? -1 : take_details(words, line);
}

static int take_wake(struct words *words, struct schedule_line *line)
{
	if (take_op(words, line) != 0 || take_details(words, line) != 0)
		return -1;
	if (line->answer != NULL)
		return 0;
	if (line->object == NULL)
		return words_fail(words, "who wakes is missing");
	line->answer = line->object;
	line->object = NULL;
	return 0;
}

/* A descriptor by its channel; what is quoted is said by a server, and kept as it stands. */
static int take_source(struct words *words, struct schedule_line *line)
{
	const char *start = words->at;
	size_t nbytes;
	const char *raw = words_raw(words, &nbytes);

	words->at = start;
	if (nbytes > 0 && *raw == '"')
		return words_rest(words, &line->answer, "what is chosen");
	if (take_details(words, line) != 0)
		return -1;
	if (line->object == NULL || line->text != NULL)
		return words_fail(words, "a channel such as channel#2 is expected");
	return 0;
}

/* FAULT ["TEXT"] [in FUNCTION] [#n]; a text of one word may do without the quotes. */
static int take_fault(struct words *words, struct schedule_line *line)
{
	struct word word;

	if (words_expect(words, &word, "the fault") != 0 || words_text(words, &line->answer, &word, "fault") != 0 ||
		take_details(words, line) != 0)
		return -1;
	if (line->text == NULL) {
		line->text = line->object;
		line->object = NULL;
	}
	return line->object == NULL ? 0 : words_fail(words, "a fault of a statement is expected");
}

static int parse_choice(struct words *words, struct schedule *schedule, enum choice_kind kind)
{
	struct word word;
	char *task = NULL;

	if (words_expect(words, &word, "a task's name") != 0 || words_text(words, &task, &word, "task's name") != 0)
		return -1;
	struct schedule_line *line = schedule_add(schedule, kind, task);
	free(task);
	if (line == NULL)
		return words_fail_memory(words);
	line->line = words->line;
	switch (kind) {
	case CHOICE_TASK: return take_until(words, line);
	case CHOICE_WAKE: return take_wake(words, line);
	case CHOICE_EVENT:
	case CHOICE_HOLD: return take_source(words, line);
	case CHOICE_TIMEOUT:
	case CHOICE_BUSY: return take_optional_what(words, line);
	case CHOICE_FAULT: return take_fault(words, line);
	default: return words_rest(words, &line->answer, "what is chosen");
	}
}

static int parse_command(struct words *words, struct schedule *schedule)
{
	return words_rest(words, &schedule->command, "command");
}

static int parse_finding(struct words *words, struct schedule *schedule)
{
	struct word word;
	uint64_t value;

	if (words_expect(words, &word, "the kind of the finding") != 0 ||
		words_text(words, &schedule->kind, &word, "finding") != 0)
		return -1;
	int there = words_next(words, &word);
	if (there <= 0)
		return there;
	if (!word_hex(word.bytes, word.nbytes, 8, &value))
		return words_fail(words, "a fingerprint has 8 hex digits");
	return words_text(words, &schedule->fingerprint, &word, "fingerprint") != 0 ? -1 : words_end(words);
}

static int parse_chooser(struct words *words, struct schedule *schedule)
{
	static const char *const names[] = {
#define X(identifier, name) name,
		CHOOSERS(X)
#undef X
	};
	struct word word;

	if (words_expect(words, &word, "the chooser's name") != 0)
		return -1;
	for (size_t i = 0; i < CHOOSER_COUNT; i++)
		if (word_is(&word, names[i]))
			return words_text(words, &schedule->chooser, &word, "chooser") != 0 ? -1 : words_end(words);
	return words_fail(words, "there is no chooser '%.*s'", word_shown(&word), word.bytes);
}

/* Where there is none the schedule is of an execution under control. */
static int parse_origin(struct words *words, struct schedule *schedule)
{
	struct word word;

	if (schedule->observed)
		return words_fail(words, "a second origin");
	if (words_expect(words, &word, "the origin") != 0)
		return -1;
	if (!word_is(&word, "observed"))
		return words_fail(words, "there is no origin '%.*s'", word_shown(&word), word.bytes);
	schedule->observed = true;
	return words_end(words);
}

static int parse_seed(struct words *words, struct schedule *schedule)
{
	struct word word;
	char digits[24], *end;

	if (schedule->has_seed)
		return words_fail(words, "a second seed");
	if (words_expect(words, &word, "the seed") != 0)
		return -1;
	snprintf(digits, sizeof digits, "%.*s", word_shown(&word), word.bytes);
	errno = 0;
	schedule->seed = strtoull(digits, &end, 10);
	if (word.quoted || word.nbytes >= sizeof digits || digits[0] < '0' || digits[0] > '9' || *end != '\0' || errno)
		return words_fail(words, "a seed is a number");
	schedule->has_seed = true;
	return words_end(words);
}

static int parse_database(struct words *words, struct schedule *schedule)
{
	char *text = NULL;

	if (words_rest(words, &text, "the database") != 0)
		return -1;
	int added = schedule_add_database(schedule, text);
	free(text);
	return added == 0 ? 0 : words_fail_memory(words);
}

static int parse_trace(struct words *words, struct schedule *schedule)
{
	struct word word;

	if (schedule->has_trace)
		return words_fail(words, "a second trace");
	if (words_expect(words, &word, "the trace's hash") != 0)
		return -1;
	if (word.quoted || !word_hex(word.bytes, word.nbytes, 16, &schedule->trace))
		return words_fail(words, "the hash of a trace has 16 hex digits");
	schedule->has_trace = true;
	return words_end(words);
}

static int parse_comment(struct words *words, struct schedule *schedule)
{
	size_t nbytes;
	const char *start = words_raw(words, &nbytes);
	char *text = strndup(start, nbytes);
	int added = text == NULL ? -1 : schedule_add_comment(schedule, text);

	free(text);
	return added == 0 ? 0 : words_fail_memory(words);
}

static int parse_words(struct words *words, struct schedule *schedule)
{
	static const struct {
		const char *word;
		int (*parse)(struct words *words, struct schedule *schedule);
	} headers[] = {
		{"command", parse_command}, {"finding", parse_finding}, {"chooser", parse_chooser},
		{"origin", parse_origin}, {"seed", parse_seed}, {"db", parse_database}, {"trace", parse_trace},
	};
	struct word word;
	int there = words_next(words, &word);

	if (there <= 0)
		return there;
	if (word.bytes[0] == '#' && !word.quoted) {
		words->at = word.bytes + 1;
		return parse_comment(words, schedule);
	}
	for (size_t i = 0; i < sizeof headers / sizeof *headers; i++)
		if (word_is(&word, headers[i].word))
			return headers[i].parse(words, schedule);
	for (unsigned int kind = 0; kind < CHOICE_KIND_COUNT; kind++)
		if (word_is(&word, choice_word(kind)))
			return parse_choice(words, schedule, kind);
	return words_fail(words, "'%.*s' is no word of a schedule", word_shown(&word), word.bytes);
}

static int parse_first(struct words *words)
{
	struct word word;

	if (words_next(words, &word) <= 0 || !word_is(&word, "race-schedule"))
		return words_fail(words, "this is no schedule: it doesn't begin with 'race-schedule 1'");
	if (words_expect(words, &word, "the version") != 0)
		return -1;
	if (!word_is(&word, "1"))
		return words_fail(words, "a schedule of version %.*s; this race reads version 1", word_shown(&word), word.bytes);
	return words_end(words);
}

static int parse_line(struct words *words, struct schedule *schedule)
{
	for (const char *at = words->at; at < words->end; at++)
		if (((unsigned char)*at < ' ' && *at != '\t') || *at == 0x7f)
			return words_fail(words, "this is no schedule, or a damaged one: it contains a byte that is no text");
	return words->line == 1 ? parse_first(words) : parse_words(words, schedule);
}

static int parse_lines(struct words *words, struct schedule *schedule, const char *text, size_t nbytes)
{
	const char *end = text + nbytes;

	while (text < end) {
		const char *feed = memchr(text, '\n', (size_t)(end - text));
		words->line++;
		words->at = text;
		words->end = feed != NULL ? feed : end;
		if (words->end > text && words->end[-1] == '\r')
			words->end--;
		if (parse_line(words, schedule) != 0)
			return -1;
		if (feed == NULL)
			return words_fail(words, "the file ends within a line: was it cut off? A line ends with a line feed");
		text = feed + 1;
	}
	return words->line > 0 ? 0 : words_fail(words, "this is no schedule: it is empty");
}

struct schedule *schedule_parse(const char *text, size_t nbytes, char *reason, size_t reason_bytes)
{
	struct words words = {.reason = reason, .reason_bytes = reason_bytes};
	struct schedule *schedule = schedule_new();

	if (schedule == NULL)
		words_fail_memory(&words);
	else if (parse_lines(&words, schedule, text, nbytes) == 0)
		return schedule;
	schedule_close(schedule);
	return NULL;
}
