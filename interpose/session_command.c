#include "session_command.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "abi/sqlite.h"
#include "control.h"
#include "session_script.h"
#include "sqlite_statement.h"

enum { WORD_BYTES = 64, LONGEST = SQLITE_TEXT_BYTES / 2 };

/* COUNTS: its reply is how many things it has changed; the numbers that others reply are values or lengths. */
enum access { READS = 1, WRITES = 2, SETS = 4, BEGINS = 8, ENDS = 16, UNDOES = 32, COUNTS = 64, CHANGES = READS | WRITES | COUNTS };

/* Which arguments are keys: the first, all, or every other one. */
enum keys { NO_KEY, FIRST_KEY, ALL_KEYS, PAIRED_KEYS };

struct command {
	const char *name;
	enum access access;
	enum keys keys;
};

/* https://redis.io/docs/latest/commands/ ("key specifications") */
static const struct command commands[] = {
	{"multi", BEGINS, NO_KEY}, {"exec", ENDS, NO_KEY}, {"discard", UNDOES, NO_KEY},
	{"ping", SETS, NO_KEY}, {"select", SETS, NO_KEY}, {"client", SETS, NO_KEY}, {"auth", SETS, NO_KEY},
	{"hello", SETS, NO_KEY}, {"unwatch", SETS, NO_KEY}, {"echo", SETS, NO_KEY}, {"quit", SETS, NO_KEY},
	{"watch", READS, ALL_KEYS}, {"get", READS, FIRST_KEY}, {"mget", READS, ALL_KEYS},
	{"exists", READS, ALL_KEYS}, {"strlen", READS, FIRST_KEY}, {"getrange", READS, FIRST_KEY},
	{"type", READS, FIRST_KEY}, {"ttl", READS, FIRST_KEY}, {"pttl", READS, FIRST_KEY},
	{"hget", READS, FIRST_KEY}, {"hmget", READS, FIRST_KEY}, {"hgetall", READS, FIRST_KEY},
	{"hexists", READS, FIRST_KEY}, {"hlen", READS, FIRST_KEY}, {"hkeys", READS, FIRST_KEY},
	{"hvals", READS, FIRST_KEY}, {"llen", READS, FIRST_KEY}, {"lrange", READS, FIRST_KEY},
	{"lindex", READS, FIRST_KEY}, {"sismember", READS, FIRST_KEY}, {"smembers", READS, FIRST_KEY},
	{"scard", READS, FIRST_KEY}, {"zscore", READS, FIRST_KEY}, {"zcard", READS, FIRST_KEY},
	{"zrange", READS, FIRST_KEY}, {"zrank", READS, FIRST_KEY}, {"zcount", READS, FIRST_KEY},
	{"set", READS | WRITES, FIRST_KEY}, {"setnx", CHANGES, FIRST_KEY},
	{"setex", WRITES, FIRST_KEY}, {"psetex", WRITES, FIRST_KEY}, {"getset", READS | WRITES, FIRST_KEY},
	{"getdel", READS | WRITES, FIRST_KEY}, {"mset", WRITES, PAIRED_KEYS}, {"msetnx", CHANGES, PAIRED_KEYS},
	{"del", CHANGES, ALL_KEYS}, {"unlink", CHANGES, ALL_KEYS},
	{"append", READS | WRITES, FIRST_KEY}, {"incr", READS | WRITES, FIRST_KEY},
	{"incrby", READS | WRITES, FIRST_KEY}, {"decr", READS | WRITES, FIRST_KEY},
	{"decrby", READS | WRITES, FIRST_KEY}, {"incrbyfloat", READS | WRITES, FIRST_KEY},
	{"expire", CHANGES, FIRST_KEY}, {"pexpire", CHANGES, FIRST_KEY},
	{"persist", CHANGES, FIRST_KEY}, {"hset", READS | WRITES, FIRST_KEY},
	{"hsetnx", CHANGES, FIRST_KEY}, {"hdel", CHANGES, FIRST_KEY},
	{"hincrby", READS | WRITES, FIRST_KEY}, {"lpush", READS | WRITES, FIRST_KEY},
	{"rpush", READS | WRITES, FIRST_KEY}, {"lpop", READS | WRITES, FIRST_KEY}, {"rpop", READS | WRITES, FIRST_KEY},
	{"lrem", CHANGES, FIRST_KEY}, {"lset", READS | WRITES, FIRST_KEY}, {"sadd", CHANGES, FIRST_KEY},
	{"srem", CHANGES, FIRST_KEY}, {"spop", READS | WRITES, FIRST_KEY}, {"zadd", READS | WRITES, FIRST_KEY},
	{"zrem", CHANGES, FIRST_KEY}, {"zincrby", READS | WRITES, FIRST_KEY},
};

static size_t word_length(const char *at)
{
	size_t n = 0;

	while (at[n] && at[n] != ' ')
		n++;
	return n;
}

/* Copies the next word; what follows it, NULL: there is none, or it is too long. */
static const char *next_word(const char *at, char word[WORD_BYTES])
{
	size_t n = word_length(at);

	if (n == 0 || n >= WORD_BYTES)
		return NULL;
	memcpy(word, at, n);
	word[n] = '\0';
	return at[n] ? at + n + 1 : at + n;
}

static bool is_word(const char *word, const char *lower)
{
	size_t n = 0;

	while (lower[n] && (word[n] | 0x20) == lower[n])
		n++;
	return !lower[n] && !word[n];
}

static const struct command *find(const char *name)
{
	for (size_t i = 0; i < sizeof commands / sizeof *commands; i++)
		if (is_word(name, commands[i].name))
			return &commands[i];
	return NULL;
}

static bool is_key(enum keys keys, uint32_t argument)
{
	return keys == ALL_KEYS || (keys == FIRST_KEY && argument == 0) || (keys == PAIRED_KEYS && argument % 2 == 0);
}

/*
 * What is observed: a key that is got or set as a whole is a table of one column. What else a SET is given may make it
 * look at the key.
 */
static const char *column_of(const char *name, uint32_t narguments, int action)
{
	bool sets = (is_word(name, "set") && narguments == 2) || is_word(name, "setex") || is_word(name, "psetex");

	if (control_mode != CONTROL_OBSERVE || !(sets || is_word(name, "get")))
		return NULL;
	return sets && action == ABI_SQLITE_READ ? "" : "value";
}

static void note_key(const struct command *command, const char *key, uint32_t narguments)
{
	const char *read = column_of(command->name, narguments, ABI_SQLITE_READ);

	if ((command->access & READS) && !(read && !*read))
		sqlite_statement_note(ABI_SQLITE_READ, key, read);
	if (command->access & WRITES)
		sqlite_statement_note(ABI_SQLITE_UPDATE, key, column_of(command->name, narguments, ABI_SQLITE_UPDATE));
}

/* False: keys can't be told, as one is too long. */
static bool note_keys(const struct command *command, const char *at, uint32_t narguments)
{
	char word[WORD_BYTES];

	for (uint32_t i = 0; i < narguments; i++) {
		const char *next = next_word(at, word);
		if (!next && is_key(command->keys, i))
			return false;
		if (next && is_key(command->keys, i))
			note_key(command, word, narguments);
		at = next ? next : at + word_length(at) + 1;
	}
	return true;
}

static uint32_t count_words(const char *at)
{
	uint32_t n = *at != '\0';

	for (; *at; at++)
		n += *at == ' ';
	return n;
}

static bool note(const char *text, uint32_t narguments)
{
	char name[WORD_BYTES];
	const char *arguments = next_word(text, name);
	const struct command *command = arguments ? find(name) : NULL;

	if (!command)
		return false;
	if (command->access & SETS)
		sqlite_statement_note(ABI_SQLITE_PRAGMA, NULL, NULL);
	else if (command->access & (BEGINS | ENDS | UNDOES))
		sqlite_statement_note(ABI_SQLITE_TRANSACTION, command->access & BEGINS ? "BEGIN" :
			command->access & ENDS ? "COMMIT" : "ROLLBACK", NULL);
	return command->keys == NO_KEY || note_keys(command, arguments, narguments);
}

/* Texts are folded by the rules of SQL: what those would take for quotes, comments or ends is not split into words. */
static bool is_plain(const char *words)
{
	for (const char *at = words; *at; at++)
		if (strchr("'\"`;", *at))
			return false;
	return !strstr(words, "--") && !strstr(words, "/*") && strlen(words) < LONGEST;
}

bool session_command_counts(const char *words)
{
	char name[WORD_BYTES];
	const struct command *command = next_word(words, name) ? find(name) : NULL;

	return command && (command->access & COUNTS);
}

bool session_command_reads(const char *words)
{
	char name[WORD_BYTES];
	const struct command *command = next_word(words, name) ? find(name) : NULL;

	return command && command->access == READS;
}

bool session_command_inserts(const char *words)
{
	static const char *const names[] = {"rpush", "lpush", "incr", "incrby"};
	char name[WORD_BYTES];
	bool inserts = false;

	if (!next_word(words, name))
		return false;
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		inserts |= is_word(name, names[i]);
	return inserts;
}

enum where { LAST, FIRST, BEHIND_BLOCK };

struct waiting {
	const char *name;
	enum where where;  /* its time-out stands */
	uint64_t unit_ns;
};

/* https://redis.io/docs/latest/commands/ ("blocking"); WAIT and WAITAOF wait for other servers. */
static const struct waiting waits[] = {
	{"blpop", LAST, 1000000000}, {"brpop", LAST, 1000000000}, {"brpoplpush", LAST, 1000000000},
	{"blmove", LAST, 1000000000}, {"bzpopmin", LAST, 1000000000}, {"bzpopmax", LAST, 1000000000},
	{"blmpop", FIRST, 1000000000}, {"bzmpop", FIRST, 1000000000},
	{"xread", BEHIND_BLOCK, 1000000}, {"xreadgroup", BEHIND_BLOCK, 1000000},
};

/* The word that is the time-out; false: there is none. */
static bool find_timeout(const char *arguments, enum where where, char word[WORD_BYTES])
{
	bool behind = false;

	for (const char *at = arguments; *at;) {
		size_t length = word_length(at);
		if (!next_word(at, word))
			word[0] = '\0';
		at += at[length] ? length + 1 : length;
		if (where == FIRST || (where == LAST && !*at) || behind)
			return true;
		behind = where == BEHIND_BLOCK && is_word(word, "block");
	}
	return false;
}

/* "2", "0.5"; UINT64_MAX: none, or for ever. */
static uint64_t read_time(const char *word, uint64_t unit_ns)
{
	uint64_t whole = 0, part = 0, scale = unit_ns;

	for (; *word >= '0' && *word <= '9' && whole < UINT32_MAX; word++)
		whole = whole * 10 + (uint64_t)(*word - '0');
	for (word += *word == '.'; *word >= '0' && *word <= '9' && scale > 1; word++) {
		scale /= 10;
		part += (uint64_t)(*word - '0') * scale;
	}
	return *word || whole + part == 0 ? UINT64_MAX : whole * unit_ns + part;
}

uint64_t session_command_patience(const char *words)
{
	char name[WORD_BYTES], timeout[WORD_BYTES];
	const char *arguments = next_word(words, name);

	for (size_t i = 0; arguments && i < sizeof waits / sizeof *waits; i++)
		if (is_word(name, waits[i].name))
			return find_timeout(arguments, waits[i].where, timeout) ? read_time(timeout, waits[i].unit_ns) : 0;
	return 0;
}

bool session_command_publishes(const char *words)
{
	static const char *const names[] = {"publish", "spublish", "exec", "eval", "evalsha", "fcall"};
	char name[WORD_BYTES];
	bool publishes = false;

	if (!next_word(words, name))
		return false;
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		publishes |= is_word(name, names[i]);
	return publishes;
}

uint32_t session_command_enter(const char *words, uint32_t narguments)
{
	struct sqlite_note noted;
	char text[SQLITE_TEXT_BYTES];

	size_t length = sqlite_statement_normalise(words, text);
	uint32_t statement = control_mode == CONTROL_OBSERVE ? sqlite_statement_find(text, length) : 0;
	if (statement)
		return statement;
	sqlite_statement_begin(&noted);
	if (!is_plain(words) || count_words(text) != narguments + 1 || !note(text, narguments)) {
		bool script = session_script_note(words, narguments);
		sqlite_statement_note(ABI_SQLITE_ATTACH, NULL, NULL);
		noted.statement.kind = script ? STATEMENT_UNKNOWN : noted.statement.kind;
	}
	statement = sqlite_statement_enter(words, 1);
	sqlite_statement_end(&noted);
	return statement;
}
