#include "session_arrival.h"

#include <stddef.h>
#include <string.h>

#include "shared/session_words.h"

static bool is_end(char c)
{
	return c == '\0' || c == ';';
}

static bool is_part(char c)
{
	return c && !strchr(" ;(),=\"`", c);
}

/* The next word of this statement: small, unless it is quoted or the server goes by the case; "" at its end. */
static void take(struct session_arrival *arrival, char word[WIRE_NAME_BYTES], bool name)
{
	size_t n = 0;

	while (*arrival->at == ' ')
		arrival->at++;
	char quote = *arrival->at == '"' || *arrival->at == '`' ? *arrival->at : '\0';
	for (arrival->at += quote != '\0'; quote ? *arrival->at != '\0' : is_part(*arrival->at); arrival->at++) {
		if (quote && *arrival->at == quote && *++arrival->at != quote)
			break;
		char c = *arrival->at;
		bool folds = !quote && !(name && arrival->protocol == WIRE_MYSQL);
		if (n < WIRE_NAME_BYTES - 1)
			word[n++] = folds && c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
	}
	word[n] = '\0';
}

/* Is the next word this one? Then it is taken. */
static bool take_word(struct session_arrival *arrival, const char *wanted)
{
	const char *before = arrival->at;
	char word[WIRE_NAME_BYTES];

	take(arrival, word, false);
	if (strcmp(word, wanted) == 0)
		return true;
	arrival->at = before;
	return false;
}

static enum session_arrival_act act_of(struct session_arrival *arrival)
{
	if (take_word(arrival, "drop"))
		return SESSION_ARRIVAL_DROPS;
	if (take_word(arrival, "alter"))
		return SESSION_ARRIVAL_ALTERS;
	if (!take_word(arrival, "create"))
		return SESSION_ARRIVAL_OTHER;
	return take_word(arrival, "or") && take_word(arrival, "replace") ? SESSION_ARRIVAL_REPLACES : SESSION_ARRIVAL_MAKES;
}

/* {CREATE [OR REPLACE] | DROP | ALTER} {DATABASE | SCHEMA} [IF [NOT] EXISTS] name; a schema is a database only to MySQL. */
static void read_act(struct session_arrival *arrival)
{
	arrival->act = act_of(arrival);
	if (arrival->act == SESSION_ARRIVAL_OTHER)
		return;
	bool nameless = arrival->act == SESSION_ARRIVAL_ALTERS && arrival->protocol == WIRE_MYSQL; /* or is it? */
	bool whole = take_word(arrival, "database") || (arrival->protocol == WIRE_MYSQL && take_word(arrival, "schema"));
	if (!whole || nameless) {
		arrival->act = SESSION_ARRIVAL_OTHER;
		return;
	}
	if (take_word(arrival, "if")) {
		take_word(arrival, "not");
		take_word(arrival, "exists");
	}
	take(arrival, arrival->name, true);
}

/* The words behind the first tell whether a query writes; what functions do is not known. */
static bool is_look(const char *statement)
{
	static const char *const verbs[] = {"select", "with", "values", "table", "show", "explain", "begin", "start", "commit", "end",
		"rollback", "abort", "savepoint", "release", "set", "reset", "declare", "fetch", "close", "deallocate", "discard", NULL};
	static const char *const writing[] = {"insert", "update", "delete", "merge", "into", "create", "drop", "alter", "truncate",
		NULL};
	struct session_words words = {.at = statement};

	if (!session_words_next(&words) || strcmp(words.word, ";") == 0)
		return true;
	if (!session_words_is(words.word, verbs))
		return false;
	while (session_words_next(&words) && strcmp(words.word, ";") != 0)
		if (session_words_is(words.word, writing))
			return false;
	return true;
}

bool session_arrival_next(struct session_arrival *arrival)
{
	while (*arrival->at == ' ' || *arrival->at == ';')
		arrival->at++;
	if (*arrival->at == '\0')
		return false;
	arrival->looks = is_look(arrival->at);
	arrival->name[0] = '\0';
	read_act(arrival);
	while (!is_end(*arrival->at))
		arrival->at++;
	return true;
}
