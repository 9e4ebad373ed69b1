#include "sqlite_statement.h"

#include <stdbool.h>
#include <string.h>

#include "abi/sqlite.h"
#include "control.h"
#include "shared/hash.h"

static __thread struct sqlite_note *current;

static bool is_space(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_word(char c)
{
	return is_digit(c) || c == '_' || c == '$' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c & 0x80);
}

/* Length of white space and comments. */
static size_t skip_blank(const char *sql)
{
	size_t at = 0;

	for (;;) {
		if (is_space(sql[at])) {
			at++;
		} else if (sql[at] == '-' && sql[at + 1] == '-') {
			while (sql[at] && sql[at] != '\n')
				at++;
		} else if (sql[at] == '/' && sql[at + 1] == '*') {
			const char *end = strstr(sql + at + 2, "*/");
			at = end ? (size_t)(end - sql) + 2 : strlen(sql);
		} else {
			return at;
		}
	}
}

/* Length of a quoted piece; the quote doubled stands for itself. */
static size_t skip_quoted(const char *sql, char quote)
{
	size_t at = 1;

	while (sql[at] && (sql[at] != quote || sql[at + 1] == quote))
		at += sql[at] == quote ? 2 : 1;
	return sql[at] ? at + 1 : at;
}

static size_t skip_number(const char *sql)
{
	size_t at = 0;

	while (is_word(sql[at]) || sql[at] == '.' || ((sql[at] == '+' || sql[at] == '-') && (sql[at - 1] | 32) == 'e'))
		at++;
	return at;
}

/* One token: how much of the text it takes, and whether it is a literal. */
static size_t next_token(const char *sql, bool *literal)
{
	size_t length = 1;

	*literal = false;
	if (*sql == '\'' || ((*sql == 'x' || *sql == 'X') && sql[1] == '\'')) {
		*literal = true;
		return *sql == '\'' ? skip_quoted(sql, '\'') : 1 + skip_quoted(sql + 1, '\'');
	}
	if (*sql == '"' || *sql == '`')
		return skip_quoted(sql, *sql);
	if (is_digit(*sql)) {
		*literal = true;
		return skip_number(sql);
	}
	if (is_word(*sql))
		while (is_word(sql[length]))
			length++;
	return length;
}

size_t sqlite_statement_normalise(const char *sql, char *out)
{
	size_t at = skip_blank(sql), length = 0;
	bool blank = false;

	while (sql[at] && length < SQLITE_TEXT_BYTES - 2) {
		bool literal;
		size_t taken = next_token(sql + at, &literal);
		if (blank && length > 0)
			out[length++] = ' ';
		size_t room = SQLITE_TEXT_BYTES - 1 - length, kept = literal ? 1 : taken < room ? taken : room;
		memcpy(out + length, literal ? "?" : sql + at, kept);
		length += kept;
		at += taken;
		size_t skipped = skip_blank(sql + at);
		blank = skipped > 0;
		at += skipped;
	}
	while (length > 0 && (out[length - 1] == ';' || out[length - 1] == ' '))
		length--;
	out[length] = '\0';
	return length;
}

/* Names of tables are the same in any case. */
static uint64_t hash_folded(const char *name)
{
	uint64_t hash = HASH_START;

	for (; *name; name++) {
		char c = *name >= 'A' && *name <= 'Z' ? (char)(*name + 32) : *name;
		hash = hash_bytes(hash, &c, 1);
	}
	return hash ? hash : 1;
}

uint64_t sqlite_statement_table(const char *name)
{
	return hash_folded(name);
}

void sqlite_statement_begin(struct sqlite_note *note)
{
	memset(note, 0, sizeof *note);
	note->outer = current;
	current = note;
}

void sqlite_statement_end(const struct sqlite_note *note)
{
	if (current == note)
		current = note->outer;
}

static uint64_t column_bit(const char *column)
{
	return column && *column ? 1ULL << (hash_folded(column) >> 32) % 64 : ~0ULL;
}

static void note_table(const char *name, const char *column, bool writes)
{
	uint64_t hash = sqlite_statement_table(name);
	struct statement *noted = &current->statement;
	struct statement_table *table = noted->tables;

	for (uint32_t i = 0; i < noted->ntables; i++, table++)
		if (table->table == hash)
			goto found;
	if (noted->ntables == STATEMENT_TABLES) {
		noted->flags |= STATEMENT_UNBOUNDED;
		return;
	}
	strncpy(current->names[noted->ntables], name, sizeof current->names[0] - 1);
	noted->ntables++;
	table->table = hash;
found:
	if (writes) {
		table->writes = 1;
		table->columns_written |= column_bit(column);
	} else {
		table->reads = 1;
		table->columns_read |= column_bit(column);
	}
}

static void note_kind(enum statement_kind kind)
{
	struct statement *noted = &current->statement;

	if (noted->kind == STATEMENT_UNKNOWN || kind == STATEMENT_SCHEMA ||
		(noted->kind == STATEMENT_READ && kind == STATEMENT_WRITE))
		noted->kind = (uint8_t)kind;
}

static void note_transaction(const char *what)
{
	if (what && what[0] == 'B')
		note_kind(STATEMENT_BEGIN);
	else if (what && what[0] == 'C')
		note_kind(STATEMENT_COMMIT);
	else
		note_kind(STATEMENT_ROLLBACK);
}

static bool is_schema_action(int action)
{
	return (action >= ABI_SQLITE_CREATE_INDEX && action < ABI_SQLITE_INSERT && action != ABI_SQLITE_DELETE) ||
		action == ABI_SQLITE_ALTER_TABLE || action == ABI_SQLITE_CREATE_VTABLE || action == ABI_SQLITE_DROP_VTABLE;
}

void sqlite_statement_note(int action, const char *first, const char *second)
{
	if (!current)
		return;
	if (is_schema_action(action)) {
		note_kind(STATEMENT_SCHEMA);
		current->statement.flags |= STATEMENT_UNBOUNDED;
		return;
	}
	switch (action) {
	case ABI_SQLITE_READ:
	case ABI_SQLITE_SELECT:
		note_kind(STATEMENT_READ);
		if (action == ABI_SQLITE_READ && first)
			note_table(first, second, false);
		break;
	case ABI_SQLITE_INSERT:
	case ABI_SQLITE_UPDATE:
	case ABI_SQLITE_DELETE:
		note_kind(STATEMENT_WRITE);
		if (first)
			note_table(first, action == ABI_SQLITE_UPDATE ? second : NULL, true);
		break;
	case ABI_SQLITE_TRANSACTION:
		note_transaction(first);
		break;
	case ABI_SQLITE_SAVEPOINT:
		note_kind(STATEMENT_SAVEPOINT);
		break;
	case ABI_SQLITE_PRAGMA:
		note_kind(STATEMENT_SETTING);
		break;
	case ABI_SQLITE_ATTACH:
	case ABI_SQLITE_DETACH:
	case ABI_SQLITE_REINDEX:
	case ABI_SQLITE_ANALYZE:
		current->statement.flags |= STATEMENT_UNBOUNDED;
		break;
	default:
		break;
	}
}

static uint32_t find(uint64_t hash)
{
	for (uint32_t i = 1; i <= control->nstatements; i++)
		if (control->statements[i].hash == hash)
			return i;
	return 0;
}

uint32_t sqlite_statement_find(const char *text, size_t length)
{
	uint32_t index = find(hash_bytes(HASH_START, text, length));

	return control->statements[index].kind == STATEMENT_UNKNOWN ? 0 : index;
}

/* BEGIN IMMEDIATE and BEGIN EXCLUSIVE take the write lock at once. */
static bool takes_lock(const char *text)
{
	static const char *const words[] = {"begin immediate", "begin exclusive"};

	for (size_t w = 0; w < sizeof words / sizeof *words; w++) {
		size_t i = 0;
		while (words[w][i] && (text[i] | 32) == (words[w][i] | 32))
			i++;
		if (!words[w][i])
			return true;
	}
	return false;
}

static void merge(struct statement *entry)
{
	uint64_t hash = entry->hash;
	uint32_t text = entry->text;

	*entry = current->statement;
	for (uint32_t i = 0; i < entry->ntables; i++)
		entry->tables[i].name = control_text(current->names[i], (uint32_t)strlen(current->names[i]));
	entry->hash = hash;
	entry->text = text;
	if (takes_lock(control->text + text))
		entry->flags |= STATEMENT_IMMEDIATE;
}

uint32_t sqlite_statement_enter(const char *sql, int prepared)
{
	char text[SQLITE_TEXT_BYTES];
	size_t length = sqlite_statement_normalise(sql ? sql : "", text);
	uint64_t hash = hash_bytes(HASH_START, text, length);
	uint32_t index = find(hash);

	if (index == 0) {
		if (control->nstatements + 1 >= LIMIT_STATEMENTS) {
			control_limit(LIMIT_ID_STATEMENTS, 0);
			return 0;
		}
		index = control->nstatements + 1;
		control->statements[index] = (struct statement){
			.hash = hash,
			.text = control_text(text, (uint32_t)length),
			.flags = STATEMENT_UNBOUNDED,
		};
		control->nstatements++;
	}
	const struct statement *known = &control->statements[index];
	if (prepared && current && known->kind == STATEMENT_UNKNOWN && known->ntables == 0)
		merge(&control->statements[index]);
	return index;
}
