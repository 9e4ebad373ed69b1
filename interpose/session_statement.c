#include "session_statement.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "abi/sqlite.h"
#include "sqlite_statement.h"

enum { WORD_BYTES = 64 };

struct words {
	const char *at;
	char word[WORD_BYTES]; /* lower case; one other character is a word by itself */
};

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}

static bool is_part(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '.' ||
		(c & 0x80);
}

/* The next word; quotes of names are left out. */
static bool words_next(struct words *words)
{
	size_t n = 0;

	while (*words->at == ' ' || *words->at == '"' || *words->at == '`')
		words->at++;
	if (*words->at && !is_part(*words->at))
		words->word[n++] = *words->at++;
	else
		for (; is_part(*words->at); words->at++)
			if (n < WORD_BYTES - 1)
				words->word[n++] = lower(*words->at);
	words->word[n] = '\0';
	return n > 0;
}

static bool is_one_of(const char *word, const char *const *list)
{
	for (; *list; list++)
		if (strcmp(word, *list) == 0)
			return true;
	return false;
}

/* A call of a function that may do anything, or a lock. */
static bool is_plain(const char *sql)
{
	static const char *const harmless[] = {"count", "sum", "min", "max", "coalesce", "in", "and", "or", "where", "from",
		"=", "(", ",", "exists", "not", "+", "-", "*", "select", "on", NULL};
	struct words words = {.at = sql};
	char before[WORD_BYTES] = "(";

	while (words_next(&words)) {
		if (strcmp(words.word, "(") == 0 && !is_one_of(before, harmless))
			return false;
		if (strcmp(words.word, "for") == 0 || strcmp(words.word, "into") == 0 || strcmp(words.word, ";") == 0)
			return false;
		memcpy(before, words.word, sizeof before);
	}
	return true;
}

/* Tables are what follows these words. */
static void note_tables(const char *sql, bool writes)
{
	static const char *const sources[] = {"from", "join", "into", "update", NULL};
	struct words words = {.at = sql};

	while (words_next(&words)) {
		bool first = strcmp(words.word, "from") != 0 && strcmp(words.word, "join") != 0;
		if (!is_one_of(words.word, sources) || !words_next(&words))
			continue;
		if (strcmp(words.word, "(") == 0 || strcmp(words.word, "select") == 0 || strcmp(words.word, "set") == 0)
			continue;
		const char *name = strncmp(words.word, "public.", 7) == 0 ? words.word + 7 : words.word;
		sqlite_statement_note(writes && (first || strstr(sql, "delete") == sql || strstr(sql, "DELETE") == sql) ?
			ABI_SQLITE_UPDATE : ABI_SQLITE_READ, name, NULL);
	}
}

static void note(const char *sql)
{
	static const char *const reading[] = {"select", "values", "table", "show", NULL};
	static const char *const writing[] = {"insert", "update", "delete", "merge", "copy", NULL};
	static const char *const beginning[] = {"begin", "start", NULL};
	static const char *const committing[] = {"commit", "end", NULL};
	static const char *const undoing[] = {"rollback", "abort", NULL};
	static const char *const own[] = {"set", "reset", "deallocate", "discard", NULL}; /* of the session alone */
	static const char *const changing[] = {"create", "drop", "alter", "truncate", NULL};
	struct words words = {.at = sql};

	words_next(&words);
	if (is_one_of(words.word, beginning))
		sqlite_statement_note(ABI_SQLITE_TRANSACTION, "BEGIN", NULL);
	else if (is_one_of(words.word, committing))
		sqlite_statement_note(ABI_SQLITE_TRANSACTION, "COMMIT", NULL);
	else if (is_one_of(words.word, undoing) && !strstr(sql, " to "))
		sqlite_statement_note(ABI_SQLITE_TRANSACTION, "ROLLBACK", NULL);
	else if (strcmp(words.word, "savepoint") == 0 || strcmp(words.word, "release") == 0)
		sqlite_statement_note(ABI_SQLITE_SAVEPOINT, NULL, NULL);
	else if (is_one_of(words.word, own))
		sqlite_statement_note(ABI_SQLITE_PRAGMA, NULL, NULL);
	else if (is_one_of(words.word, changing))
		sqlite_statement_note(ABI_SQLITE_ALTER_TABLE, NULL, NULL);
	else if (is_one_of(words.word, reading) && is_plain(sql))
		sqlite_statement_note(ABI_SQLITE_SELECT, NULL, NULL), note_tables(sql, false);
	else if (is_one_of(words.word, reading) || is_one_of(words.word, writing))
		note_tables(sql, !is_one_of(words.word, reading)), sqlite_statement_note(ABI_SQLITE_ATTACH, NULL, NULL);
	else
		sqlite_statement_note(ABI_SQLITE_ATTACH, NULL, NULL);
}

/* Where a literal with a backslash ends depends on the server and its settings. */
uint32_t session_statement_enter(const char *sql, bool whole)
{
	struct sqlite_note noted;
	char text[SQLITE_TEXT_BYTES];

	sqlite_statement_normalise(sql, text);
	sqlite_statement_begin(&noted);
	if (whole && !strchr(sql, '\\'))
		note(text);
	else
		sqlite_statement_note(ABI_SQLITE_ATTACH, NULL, NULL);
	uint32_t statement = sqlite_statement_enter(sql, 1);
	sqlite_statement_end(&noted);
	return statement;
}
