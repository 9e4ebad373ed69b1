#include "session_words.h"

#include <stddef.h>
#include <string.h>

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}

static bool is_part(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '.' ||
		(c & 0x80);
}

bool session_words_next(struct session_words *words)
{
	size_t n = 0;

	while (*words->at == ' ' || *words->at == '"' || *words->at == '`')
		words->at++;
	if (*words->at && !is_part(*words->at))
		words->word[n++] = *words->at++;
	else
		for (; is_part(*words->at); words->at++)
			if (n < SESSION_WORD_BYTES - 1)
				words->word[n++] = lower(*words->at);
	words->word[n] = '\0';
	return n > 0;
}

bool session_words_is(const char *word, const char *const *list)
{
	for (; *list; list++)
		if (strcmp(word, *list) == 0)
			return true;
	return false;
}
