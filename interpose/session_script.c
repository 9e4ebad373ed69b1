#include "session_script.h"

#include <stddef.h>
#include <string.h>

#include "abi/sqlite.h"
#include "session_command.h"
#include "shared/decimal.h"
#include "shared/session_words.h"
#include "shared/wire/wire_layout.h"
#include "sqlite_statement.h"

/* What the name of the command says of the script. */
enum script { SCRIPT_NONE, SCRIPT_TEXT, SCRIPT_NAMED, SCRIPT_READS };

static enum script script_of(const char *name)
{
	static const char *const named[] = {"evalsha", "fcall", NULL};
	static const char *const reading[] = {"eval_ro", "evalsha_ro", "fcall_ro", NULL};

	if (strcmp(name, "eval") == 0)
		return SCRIPT_TEXT;
	return session_words_is(name, named) ? SCRIPT_NAMED : session_words_is(name, reading) ? SCRIPT_READS : SCRIPT_NONE;
}

/* Behind as many bytes as are one of these. */
static const char *skip(const char *at, const char *bytes)
{
	while (*at && strchr(bytes, *at))
		at++;
	return at;
}

/* Up to one of these, or to the end. */
static size_t length_to(const char *at, const char *ends)
{
	size_t n = 0;

	while (at[n] && !strchr(ends, at[n]))
		n++;
	return n;
}

bool session_script_reads(const char *script)
{
	bool reads = false;

	for (const char *at = strstr(script, "call"); at; at = strstr(at, "call")) {
		char name[SESSION_WORD_BYTES];
		at = skip(skip(at + strlen("call"), " \t\r\n"), "(");
		at = skip(at, " \t\r\n");
		size_t length = *at == '\'' || *at == '"' ? length_to(at + 1, "'\"") : 0;
		if (length == 0 || length >= sizeof name)
			return false;
		memcpy(name, at + 1, length);
		name[length] = '\0';
		reads = session_command_reads(name);
		if (!reads)
			return false;
	}
	return reads;
}

/* Where the last `n` words begin; NULL: there are fewer. A script has blanks of its own, so they are counted from behind. */
static const char *find_last(const char *words, uint32_t n)
{
	const char *at = words + strlen(words);

	while (at > words && n > 0)
		n -= *--at == ' ';
	return n == 0 && *at == ' ' ? at + 1 : NULL;
}

static void note_key(const char *at, size_t length, bool reads)
{
	char key[SESSION_WORD_BYTES], text[SQLITE_TEXT_BYTES];

	if (length == 0 || length >= sizeof key)
		return;
	memcpy(key, at, length);
	key[length] = '\0';
	sqlite_statement_normalise(key, text);
	sqlite_statement_note(ABI_SQLITE_READ, text, NULL);
	if (!reads)
		sqlite_statement_note(ABI_SQLITE_UPDATE, text, NULL);
}

/* SCRIPT numkeys key... argument...: where an argument has a blank in it, what stands for the number is none. */
bool session_script_note(const char *words, uint32_t narguments)
{
	struct session_words name = {.at = words};
	enum script script = session_words_next(&name) ? script_of(name.word) : SCRIPT_NONE;
	uint64_t nkeys = 0;

	if (script == SCRIPT_NONE || narguments < 2 || strlen(words) >= WIRE_KEPT_BYTES)
		return script != SCRIPT_NONE;
	const char *at = find_last(words, narguments - 1);
	if (!at || *(at = decimal_read(at, NULL, &nkeys)) != ' ' || nkeys > narguments - 2)
		return true;
	bool reads = script == SCRIPT_READS || (script == SCRIPT_TEXT && session_script_reads(words));
	for (; nkeys > 0 && *at == ' '; nkeys--) {
		size_t length = length_to(++at, " ");
		note_key(at, length, reads);
		at += length;
	}
	return true;
}
