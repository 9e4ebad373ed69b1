#include "session_statement.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "abi/sqlite.h"
#include "control.h"
#include "shared/session_marks.h"
#include "shared/session_words.h"
#include "shared/wire/wire_columns.h"
#include "sqlite_statement.h"

/* A call of a function that may do anything, or a lock. */
static bool is_plain(const char *sql)
{
	static const char *const harmless[] = {"count", "sum", "min", "max", "coalesce", "in", "and", "or", "where", "from",
		"=", "(", ",", "exists", "not", "+", "-", "*", "select", "on", NULL};
	struct session_words words = {.at = sql};
	char before[SESSION_WORD_BYTES] = "(";

	while (session_words_next(&words)) {
		if (strcmp(words.word, "(") == 0 && !session_words_is(before, harmless))
			return false;
		if (strcmp(words.word, "for") == 0 || strcmp(words.word, "into") == 0 || strcmp(words.word, ";") == 0)
			return false;
		memcpy(before, words.word, sizeof before);
	}
	return true;
}

static const char *const writing[] = {"insert", "update", "delete", "merge", "copy", NULL};

/* Tables are what follows these words; what is done with them the first word of each statement says. */
static void note_tables(const char *sql)
{
	static const char *const sources[] = {"from", "join", "into", "update", NULL}, *const reading[] = {"from", "join", NULL};
	static const char *const others[] = {"(", "select", "set", "of", "skip", "nowait", ";", NULL};
	struct session_words words = {.at = sql};
	bool begins = true, writes = false, deletes = false;

	while (session_words_next(&words)) {
		bool read = session_words_is(words.word, reading), source = session_words_is(words.word, sources);
		if (begins) {
			writes = session_words_is(words.word, writing);
			deletes = strcmp(words.word, "delete") == 0;
		}
		bool follows = source && session_words_next(&words);
		begins = strcmp(words.word, ";") == 0;
		if (!follows || session_words_is(words.word, others))
			continue;
		const char *name = strncmp(words.word, "public.", 7) == 0 ? words.word + 7 : words.word;
		sqlite_statement_note(writes && (!read || deletes) ? ABI_SQLITE_UPDATE : ABI_SQLITE_READ, name, NULL);
	}
}

/* Depends on everything, whatever tables are named. */
static void note_anything(struct sqlite_note *noted)
{
	sqlite_statement_note(ABI_SQLITE_ATTACH, NULL, NULL);
	noted->statement.kind = STATEMENT_UNKNOWN;
}

/* Has it one of these words? Quotes around names are none. */
static bool has_word(const char *sql, const char *const *list)
{
	struct session_words words = {.at = sql};

	while (session_words_next(&words))
		if (session_words_is(words.word, list))
			return true;
	return false;
}

/*
 * More than its first word says: several statements, of which the first one may begin a transaction that the last one
 * commits, SET @a = (SELECT ...), SET STATEMENT ... FOR, or a transaction that sees from now on what there is now.
 */
static bool is_more(const char *sql, bool begins, bool sets)
{
	static const char *const several[] = {";", NULL}, *const looking[] = {"snapshot", NULL},
		*const working[] = {"(", "select", "for", NULL};

	return has_word(sql, several) || (begins && has_word(sql, looking)) || (sets && has_word(sql, working));
}

static void note(const char *sql, struct sqlite_note *noted)
{
	static const char *const reading[] = {"select", "values", "table", "show", NULL};
	static const char *const beginning[] = {"begin", "start", NULL};
	static const char *const committing[] = {"commit", "end", NULL};
	static const char *const undoing[] = {"rollback", "abort", NULL};
	static const char *const own[] = {"set", "reset", "deallocate", "discard", NULL}; /* of the session alone */
	static const char *const changing[] = {"create", "drop", "alter", "truncate", NULL};
	struct session_words words = {.at = sql};

	session_words_next(&words);
	if (is_more(sql, session_words_is(words.word, beginning), session_words_is(words.word, own)))
		note_tables(sql), note_anything(noted);
	else if (session_words_is(words.word, beginning))
		sqlite_statement_note(ABI_SQLITE_TRANSACTION, "BEGIN", NULL);
	else if (session_words_is(words.word, committing))
		sqlite_statement_note(ABI_SQLITE_TRANSACTION, "COMMIT", NULL);
	else if (session_words_is(words.word, undoing) && !strstr(sql, " to "))
		sqlite_statement_note(ABI_SQLITE_TRANSACTION, "ROLLBACK", NULL);
	else if (strcmp(words.word, "savepoint") == 0 || strcmp(words.word, "release") == 0)
		sqlite_statement_note(ABI_SQLITE_SAVEPOINT, NULL, NULL);
	else if (session_words_is(words.word, own))
		sqlite_statement_note(ABI_SQLITE_PRAGMA, NULL, NULL);
	else if (session_words_is(words.word, changing))
		sqlite_statement_note(ABI_SQLITE_ALTER_TABLE, NULL, NULL);
	else if (session_words_is(words.word, reading) && is_plain(sql))
		sqlite_statement_note(ABI_SQLITE_SELECT, NULL, NULL), note_tables(sql);
	else if (session_words_is(words.word, reading) || session_words_is(words.word, writing))
		note_tables(sql), sqlite_statement_note(ABI_SQLITE_ATTACH, NULL, NULL);
	else
		sqlite_statement_note(ABI_SQLITE_ATTACH, NULL, NULL);
}

/*
 * What is observed is not put in another order because of its footprint. So that something can be said of it at all,
 * plain statements touch what they name there, whatever triggers and foreign keys there are.
 */
static bool note_columns(const char *sql)
{
	static const int actions[] = {[WIRE_COLUMNS_SELECT] = ABI_SQLITE_SELECT, [WIRE_COLUMNS_INSERT] = ABI_SQLITE_INSERT,
		[WIRE_COLUMNS_UPDATE] = ABI_SQLITE_UPDATE, [WIRE_COLUMNS_DELETE] = ABI_SQLITE_DELETE};
	struct wire_columns columns;

	wire_columns_read(sql, &columns);
	if (columns.kind == WIRE_COLUMNS_UNKNOWN)
		return false;
	bool whole = columns.kind == WIRE_COLUMNS_INSERT || columns.kind == WIRE_COLUMNS_DELETE;
	sqlite_statement_note(actions[columns.kind], whole ? columns.table : NULL, NULL);
	for (uint32_t i = 0; i < columns.n; i++)
		sqlite_statement_note(columns.items[i].written ? ABI_SQLITE_UPDATE : ABI_SQLITE_READ, columns.table,
			columns.items[i].name);
	if (columns.all)
		sqlite_statement_note(ABI_SQLITE_READ, columns.table, NULL);
	return true;
}

/* Several statements in one text are more than can be told. */
static void note_observed(const char *sql, struct sqlite_note *noted)
{
	if (note_columns(sql))
		return;
	noted->statement.flags |= STATEMENT_VAGUE;
	if (strchr(sql, ';'))
		sqlite_statement_note(ABI_SQLITE_ATTACH, NULL, NULL);
	else
		note(sql, noted);
}

/* Looked for once. */
static void keep_marks(struct statement *statement, const char *text)
{
	if (!(statement->marks & SESSION_MARK_USED))
		statement->marks = SESSION_MARK_USED | session_marks_of(text);
}

/* Where a literal with a backslash ends depends on the server and its settings. */
uint32_t session_statement_enter(const char *sql, bool whole)
{
	struct sqlite_note noted;
	char text[SQLITE_TEXT_BYTES];

	size_t length = sqlite_statement_normalise(sql, text);
	uint32_t statement = control_mode == CONTROL_OBSERVE ? sqlite_statement_find(text, length) : 0;
	if (statement)
		return statement;
	bool clear = whole && !strchr(sql, '\\');
	sqlite_statement_begin(&noted);
	if (clear && control_mode == CONTROL_OBSERVE)
		note_observed(text, &noted);
	else if (clear)
		note(text, &noted);
	else
		sqlite_statement_note(ABI_SQLITE_ATTACH, NULL, NULL);
	statement = sqlite_statement_enter(sql, 1);
	sqlite_statement_end(&noted);
	keep_marks(&control->statements[statement], clear && length < SQLITE_TEXT_BYTES - 2 ? text : "");
	return statement;
}

/* Cut where there is no room. */
static size_t append(char text[SQLITE_TEXT_BYTES], size_t length, const char *part)
{
	size_t room = SQLITE_TEXT_BYTES - 1 - length, n = strlen(part);

	n = n < room ? n : room;
	memcpy(text + length, part, n);
	text[length + n] = '\0';
	return length + n;
}

static void note_tables_of(const struct statement *statement)
{
	for (uint32_t i = 0; i < statement->ntables; i++) {
		const char *name = control->text + statement->tables[i].name;
		if (statement->tables[i].reads)
			sqlite_statement_note(ABI_SQLITE_READ, name, NULL);
		if (statement->tables[i].writes)
			sqlite_statement_note(ABI_SQLITE_UPDATE, name, NULL);
	}
}

uint32_t session_statement_join(const uint32_t *statements, uint32_t n)
{
	struct sqlite_note noted;
	char text[SQLITE_TEXT_BYTES] = "";
	size_t length = 0;

	if (control->nstatements >= LIMIT_STATEMENTS / 2)
		return 0; /* names are not worth the room that others need */
	sqlite_statement_begin(&noted);
	for (uint32_t i = 0; i < n; i++) {
		const struct statement *part = &control->statements[statements[i]];
		length = append(text, length, i ? "; " : "");
		length = append(text, length, statements[i] ? control->text + part->text : "?");
		note_tables_of(part);
	}
	note_anything(&noted);
	uint32_t statement = sqlite_statement_enter(text, 1);
	sqlite_statement_end(&noted);
	return statement;
}
