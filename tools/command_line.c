#include "command_line.h"

#include <stdbool.h>
#include <string.h>

static bool is_plain(const char *word)
{
	static const char safe[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./:=,+@%^";

	return *word && word[strspn(word, safe)] == '\0';
}

char *command_line_quote(struct pool *pool, const char *word)
{
	char *quoted, *end;

	if (is_plain(word))
		return pool_copy(pool, word);
	end = quoted = pool_take(pool, 4 * strlen(word) + 3);
	*end++ = '\'';
	for (; *word; word++) {
		if (*word == '\'')
			end = stpcpy(end, "'\\''");
		else
			*end++ = *word;
	}
	*end++ = '\'';
	*end = '\0';
	return quoted;
}

char *command_line_join(struct pool *pool, char *const *words)
{
	char *line = pool_copy(pool, "");
	uint32_t index;

	for (index = 0; words[index]; index++)
		line = pool_print(pool, "%s%s%s", line, index ? " " : "", command_line_quote(pool, words[index]));
	return line;
}

/* Copies one word to `end`, unquoted; returns where the text goes on, NULL when a quote is not closed. */
static const char *take_word(const char *text, char *end)
{
	char quote = 0;

	for (; *text && (quote || !strchr(" \t\n", *text)); text++) {
		if (quote && *text == quote)
			quote = 0;
		else if (!quote && (*text == '\'' || *text == '"'))
			quote = *text;
		else if (*text == '\\' && quote != '\'' && text[1])
			*end++ = *++text;
		else
			*end++ = *text;
	}
	*end = '\0';
	return quote ? NULL : text;
}

char **command_line_split(struct pool *pool, const char *text, uint32_t *nwords)
{
	char **words = NULL, *word;

	*nwords = 0;
	for (text += strspn(text, " \t\n"); *text; text += strspn(text, " \t\n")) {
		word = pool_take(pool, strlen(text) + 1);
		text = take_word(text, word);
		if (!text)
			return NULL;
		words = pool_grow(pool, words, *nwords, sizeof(*words));
		words[(*nwords)++] = word;
	}
	words = pool_grow(pool, words, *nwords, sizeof(*words));
	words[*nwords] = NULL;
	return words;
}
