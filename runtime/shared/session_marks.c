#include "session_marks.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "session_words.h"
#include "database.h"

enum { CHANGES = SESSION_MARK_CHANGES, SETTINGS = SESSION_MARK_SETTINGS, ANYTHING = SESSION_MARK_ANYTHING,
	LOCKS = SESSION_MARK_LOCKS, DEFINES = SESSION_MARK_DEFINES,
	NUMBERS = SESSION_MARK_NUMBERS };

/* What a statement that begins with this word does by itself. */
struct verb {
	const char *word;
	uint8_t marks;
	bool calls; /* its functions count as well */
};

static const struct verb verbs[] = {
	{"select", 0, true}, {"with", 0, true}, {"values", 0, true}, {"table", 0, false}, {"show", 0, false},
	{"describe", 0, false}, {"desc", 0, false}, {"insert", CHANGES | NUMBERS, true}, {"update", CHANGES, true},
	{"delete", CHANGES, true}, {"merge", CHANGES, true}, {"replace", CHANGES | NUMBERS, true}, {"copy", CHANGES, false},
	{"begin", 0, false}, {"start", 0, false}, {"commit", 0, false}, {"end", 0, false}, {"rollback", 0, false},
	{"abort", 0, false}, {"savepoint", 0, false}, {"release", 0, false}, {"set", SETTINGS, true}, {"reset", SETTINGS, false},
	{"use", SETTINGS, false}, {"create", CHANGES | DEFINES, true}, {"drop", CHANGES | DEFINES, true},
	{"alter", CHANGES | DEFINES, true}, {"truncate", CHANGES | DEFINES, false}, {"prepare", ANYTHING, false}, {"deallocate", ANYTHING, false},
	{"discard", ANYTHING, false}, {"listen", ANYTHING, false}, {"unlisten", ANYTHING, false}, {"notify", 0, false},
	{"declare", ANYTHING, false}, {"fetch", ANYTHING, false}, {"close", ANYTHING, false}, {"lock", ANYTHING, false},
	{"unlock", ANYTHING, false},
};

/* What may stand before a parenthesis and leaves nothing: words, types, functions. */
static const char *const harmless[] = {"(", ",", "=", "<", ">", "+", "-", "*", "/", "%", "|", "!", "and", "or", "not", "in",
	"on", "as", "by", "is", "when", "then", "else", "case", "where", "having", "from", "join", "select", "union", "all",
	"any", "some", "exists", "values", "set", "limit", "offset", "returning", "between", "like", "using", "over", "filter",
	"key", "conflict", "distinct", "array", "interval", "check", "unique", "index", "references", "include", "with", "row",
	"default", "lateral", "within", "partition",
	"char", "varchar", "character", "varying", "numeric", "decimal", "int", "integer", "bigint", "smallint", "tinyint",
	"float", "double", "bit", "binary", "varbinary", "timestamp", "datetime", "time", "enum", "text", "real",
	"count", "sum", "min", "max", "avg", "coalesce", "nullif", "greatest", "least", "cast", "lower", "upper", "length",
	"char_length", "abs", "round", "floor", "ceil", "ceiling", "mod", "sign", "now", "current_timestamp", "localtimestamp",
	"clock_timestamp", "statement_timestamp", "transaction_timestamp", "current_date", "curdate", "utc_timestamp",
	"unix_timestamp", "from_unixtime", "date", "date_trunc", "date_add", "date_sub", "date_format", "extract", "to_char",
	"to_timestamp", "substring", "substr", "left", "right", "trim", "ltrim", "rtrim", "concat", "concat_ws", "replace",
	"position", "md5", "sha1", "encode", "decode", "random", "rand", "uuid", "gen_random_uuid", "if", "ifnull", "isnull",
	"row_number", "rank", "array_agg", "string_agg", "group_concat", "json_agg", "jsonb_agg", "json_build_object",
	"jsonb_build_object", "json_object", "json_extract", "row_to_json", "to_jsonb", "unnest", "generate_series",
	"version", "current_database", "current_schema", "database", "schema", "connection_id", "pg_backend_pid",
	"current_setting", "found_rows", "row_count", "last_insert_id", "currval", "lastval", "pg_sleep", "sleep",
	"is_free_lock", "is_used_lock", "pg_my_temp_schema", "pg_listening_channels", "pg_is_in_recovery", "pg_get_expr",
	"pg_get_constraintdef", "pg_get_indexdef", "pg_get_viewdef", "pg_get_userbyid", "pg_get_serial_sequence",
	"pg_table_is_visible", "pg_type_is_visible", "pg_encoding_to_char", "obj_description", "col_description", "format",
	"array_to_string", "array_length", "array_position", "cardinality", "quote_ident", "quote_literal", "current_schemas",
	"has_table_privilege", "has_schema_privilege", "inet_server_addr", "inet_server_port", "regexp_replace", "split_part",
	"to_regclass", "format_type", NULL};

/* Functions that change what the session has, and nothing else. */
static const char *const setting[] = {"set_config", "pg_catalog.set_config", NULL};
static const char *const locking[] = {"pg_advisory_lock", "pg_try_advisory_lock", "pg_advisory_lock_shared",
	"pg_try_advisory_lock_shared", "pg_advisory_unlock", "pg_advisory_unlock_shared", "pg_advisory_unlock_all",
	"pg_advisory_xact_lock", "pg_try_advisory_xact_lock", "get_lock", "release_lock", "release_all_locks", NULL};

/* Of the last words: a name and what stands before it. */
struct view {
	char name[SESSION_WORD_BYTES], before[SESSION_WORD_BYTES];
};

/* The columns of INSERT INTO and of other definitions of tables are no arguments. */
static bool is_call(const struct view *view)
{
	static const char *const introducing[] = {"into", "insert", "table", "exists", "references", "update", "index", "on", "with",
		",", "as", "key", "constraint", NULL};

	if (view->name[0] == '\0' || session_words_is(view->name, harmless))
		return false;
	return !session_words_is(view->before, introducing) || strcmp(view->before, ",") == 0 || strcmp(view->before, "on") == 0;
}

static uint8_t marks_of_call(const char *name)
{
	if (session_words_is(name, locking))
		return LOCKS;
	return session_words_is(name, setting) ? SETTINGS : ANYTHING | CHANGES;
}

static uint8_t marks_of_word(const char *word, char next)
{
	static const char *const lasting[] = {"temp", "temporary", "into", NULL};
	static const char *const changing[] = {"insert", "update", "delete", "merge", NULL};
	static const char *const defining[] = {"create", "drop", "alter", "truncate", "rename", "global", "statement", NULL};

	if (session_words_is(word, lasting))
		return ANYTHING;
	if (strcmp(word, "last_insert_id") == 0)
		return NUMBERS;
	if (session_words_is(word, changing))
		return CHANGES | (*word == 'i' ? NUMBERS : 0);
	if (session_words_is(word, defining)) /* SET STATEMENT ... FOR, SET GLOBAL */
		return DEFINES;
	if (strcmp(word, ";") == 0)
		return ANYTHING | CHANGES;
	return strcmp(word, "@") == 0 && next != '@' ? SETTINGS : 0;
}

/* INTO is nothing strange behind INSERT and MERGE. */
static uint8_t marks_of_rest(struct session_words *words, const char *verb, bool calls)
{
	struct view view = {.before = ""};
	uint8_t marks = 0;

	memcpy(view.name, verb, sizeof view.name);
	while (session_words_next(words)) {
		bool system = strcmp(words->word, "@") == 0 && strcmp(view.name, "@") == 0; /* @@name */
		bool usual = (strcmp(words->word, "into") == 0 && strcmp(verb, "select") != 0 && strcmp(verb, "with") != 0) ||
			strcmp(view.name, "for") == 0; /* FOR UPDATE */
		if (!system && !usual)
			marks |= marks_of_word(words->word, *words->at);
		if (calls && strcmp(words->word, "(") == 0 && is_call(&view))
			marks |= marks_of_call(view.name);
		memcpy(view.before, view.name, sizeof view.before);
		memcpy(view.name, words->word, sizeof view.name);
	}
	return marks;
}

/* Behind a blank, in any case. */
static bool starts_with(const char *text, const char *word)
{
	text += *text == ' ';
	while (*word && (*text | ' ') == *word) {
		text++;
		word++;
	}
	return *word == '\0';
}

uint8_t session_marks_of(const char *sql)
{
	struct session_words words = {.at = sql};
	char verb[SESSION_WORD_BYTES];

	session_words_next(&words);
	memcpy(verb, words.word, sizeof verb);
	if (strcmp(verb, "create") == 0 && (starts_with(words.at, "temp ") || starts_with(words.at, "temporary ")))
		return ANYTHING;
	for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++)
		if (strcmp(verb, verbs[i].word) == 0)
			return verbs[i].marks | marks_of_rest(&words, verb, verbs[i].calls);
	return ANYTHING | CHANGES;
}
