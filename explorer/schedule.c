#include "schedule.h"

#include <stdlib.h>
#include <string.h>

struct schedule *schedule_new(void)
{
	return calloc(1, sizeof(struct schedule));
}

static int replace(char **slot, const char *text)
{
	char *copy = NULL;

	if (text != NULL && (copy = strdup(text)) == NULL)
		return -1;
	free(*slot);
	*slot = copy;
	return 0;
}

static int append(char ***texts, uint32_t *ntexts, const char *text)
{
	char **grown = realloc(*texts, (*ntexts + 1) * sizeof *grown);

	if (grown == NULL)
		return -1;
	*texts = grown;
	if ((grown[*ntexts] = strdup(text)) == NULL)
		return -1;
	++*ntexts;
	return 0;
}

struct schedule_line *schedule_add(struct schedule *schedule, enum choice_kind kind, const char *task)
{
	if (schedule->nlines == schedule->capacity) {
		uint32_t capacity = schedule->capacity ? schedule->capacity * 2 : 16;
		struct schedule_line *grown = reallocarray(schedule->lines, capacity, sizeof *grown);
		if (grown == NULL)
			return NULL;
		schedule->lines = grown;
		schedule->capacity = capacity;
	}
	struct schedule_line *line = &schedule->lines[schedule->nlines];
	*line = (struct schedule_line){.kind = (uint8_t)kind, .nth = 1};
	if ((line->task = strdup(task)) == NULL)
		return NULL;
	schedule->nlines++;
	return line;
}

int schedule_add_comment(struct schedule *schedule, const char *text)
{
	return append(&schedule->comments, &schedule->ncomments, text);
}

int schedule_add_database(struct schedule *schedule, const char *text)
{
	return append(&schedule->databases, &schedule->ndatabases, text);
}

int schedule_set_command(struct schedule *schedule, const char *command)
{
	return replace(&schedule->command, command);
}

int schedule_set_finding(struct schedule *schedule, const char *kind, const char *fingerprint)
{
	if (replace(&schedule->kind, kind) != 0)
		return -1;
	return replace(&schedule->fingerprint, fingerprint);
}

int schedule_set_chooser(struct schedule *schedule, const char *chooser)
{
	return replace(&schedule->chooser, chooser);
}

static bool same(const char *left, const char *right)
{
	if (left == NULL || right == NULL)
		return left == right;
	return strcmp(left, right) == 0;
}

static bool same_texts(char *const *left, uint32_t nleft, char *const *right, uint32_t nright)
{
	if (nleft != nright)
		return false;
	for (uint32_t i = 0; i < nleft; i++)
		if (!same(left[i], right[i]))
			return false;
	return true;
}

static bool same_line(const struct schedule_line *left, const struct schedule_line *right)
{
	return left->kind == right->kind && left->ended == right->ended && left->op == right->op &&
		left->nth == right->nth && left->text_hash == right->text_hash && same(left->task, right->task) &&
		same(left->object, right->object) && same(left->text, right->text) &&
		same(left->function, right->function) && same(left->answer, right->answer);
}

bool schedule_equal(const struct schedule *left, const struct schedule *right)
{
	if (left->nlines != right->nlines || left->has_trace != right->has_trace || left->observed != right->observed ||
		left->has_seed != right->has_seed || (left->has_seed && left->seed != right->seed) ||
		(left->has_trace && left->trace != right->trace))
		return false;
	for (uint32_t i = 0; i < left->nlines; i++)
		if (!same_line(&left->lines[i], &right->lines[i]))
			return false;
	return same(left->command, right->command) && same(left->kind, right->kind) &&
		same(left->fingerprint, right->fingerprint) && same(left->chooser, right->chooser) &&
		same_texts(left->comments, left->ncomments, right->comments, right->ncomments) &&
		same_texts(left->databases, left->ndatabases, right->databases, right->ndatabases);
}

static void free_texts(char **texts, uint32_t ntexts)
{
	for (uint32_t i = 0; i < ntexts; i++)
		free(texts[i]);
	free(texts);
}

static void free_lines(struct schedule *schedule)
{
	for (uint32_t i = 0; i < schedule->nlines; i++) {
		struct schedule_line *line = &schedule->lines[i];
		free(line->task);
		free(line->object);
		free(line->text);
		free(line->function);
		free(line->answer);
	}
	free(schedule->lines);
}

void schedule_close(struct schedule *schedule)
{
	if (schedule == NULL)
		return;
	free_lines(schedule);
	free_texts(schedule->comments, schedule->ncomments);
	free_texts(schedule->databases, schedule->ndatabases);
	free(schedule->command);
	free(schedule->kind);
	free(schedule->fingerprint);
	free(schedule->chooser);
	free(schedule);
}
