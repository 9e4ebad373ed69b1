/* The words of a SQL statement, one after the other. */
#ifndef RACE_SESSION_WORDS_H
#define RACE_SESSION_WORDS_H

#include <stdbool.h>

enum { SESSION_WORD_BYTES = 64 };

struct session_words {
	const char *at;
	char word[SESSION_WORD_BYTES]; /* lower case, names without their quotes; one other character is a word by itself */
};

/* The next word; false: there is none. */
bool session_words_next(struct session_words *words);

/* Is it in this NULL-ended list? */
bool session_words_is(const char *word, const char *const *list);

#endif
