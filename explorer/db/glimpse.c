#include "glimpse.h"

#include <string.h>

#include "shared/session_words.h"

/* A query within something else, or behind DELETE and MERGE USING. */
static bool has_query(const char *text)
{
	static const char *const queries[] = {"select", "from", "using", NULL};
	struct session_words words = {.at = text};
	bool first = true, deletes = false;

	while (session_words_next(&words)) {
		deletes = deletes || (first && strcmp(words.word, "delete") == 0);
		if (!first && session_words_is(words.word, queries) && !(deletes && strcmp(words.word, "from") == 0))
			return true;
		first = false;
	}
	return false;
}

/* SELECT f(...): anything but locks, and what is read under them (SELECT ... FOR UPDATE). */
static bool calls(const char *text)
{
	struct session_words words = {.at = text};

	if (!session_words_next(&words) || !session_words_next(&words))
		return false;
	return !strstr(words.word, "lock") && *words.at == '(';
}

bool glimpse_is(const char *text)
{
	static const char *const compound[] = {"with", "merge", "call", "do", "execute", NULL};
	static const char *const writing[] = {"insert", "update", "delete", "replace", NULL};
	struct session_words words = {.at = text};

	if (!session_words_next(&words))
		return false;
	if (session_words_is(words.word, compound))
		return true;
	if (session_words_is(words.word, writing))
		return has_query(text);
	return strcmp(words.word, "select") == 0 && calls(text);
}
