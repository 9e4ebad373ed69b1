#include "wire_key.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "../decimal.h"

enum { TOKEN_BYTES = 64 };

enum token_kind { TOKEN_END, TOKEN_NAME, TOKEN_VALUE, TOKEN_OTHER, TOKEN_UNKNOWN };

struct tokens {
	const char *at;
	enum token_kind kind;
	uint32_t nparameters; /* question marks so far: MySQL's parameters have no numbers */
	char text[TOKEN_BYTES]; /* names in small letters, without quotes and what they are qualified by */
};

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static bool is_part(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || decimal_is_digit(c) || c == '_' || (c & 0x80);
}

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}

static void put(struct tokens *tokens, size_t *n, char c)
{
	if (*n == TOKEN_BYTES - 1 || c == '\t' || c == '\n')
		tokens->kind = TOKEN_UNKNOWN;
	else
		tokens->text[(*n)++] = c;
}

/* What stands between quotes, which are doubled where they belong to it. */
static void take_quoted(struct tokens *tokens, size_t *n, enum token_kind kind)
{
	char quote = *tokens->at++;

	tokens->kind = kind;
	for (; *tokens->at && (*tokens->at != quote || tokens->at[1] == quote); tokens->at++) {
		tokens->at += *tokens->at == quote;
		put(tokens, n, *tokens->at);
	}
	if (*tokens->at)
		tokens->at++;
	/* looks like a parameter */
	if (kind == TOKEN_VALUE && *n > 0 && tokens->text[0] == '$')
		tokens->kind = TOKEN_UNKNOWN;
}

static void take_parameter(struct tokens *tokens, size_t *n)
{
	uint32_t number = ++tokens->nparameters;

	tokens->at++;
	tokens->kind = TOKEN_VALUE;
	put(tokens, n, '$');
	if (number >= 10)
		put(tokens, n, (char)('0' + number / 10 % 10));
	put(tokens, n, (char)('0' + number % 10));
	if (number > WIRE_PARAMETERS)
		tokens->kind = TOKEN_UNKNOWN;
}

static void take_word(struct tokens *tokens, size_t *n)
{
	bool value = decimal_is_digit(*tokens->at) || *tokens->at == '$';

	tokens->kind = value ? TOKEN_VALUE : TOKEN_NAME;
	if (*tokens->at == '$' || *tokens->at == '-')
		put(tokens, n, *tokens->at++);
	for (; is_part(*tokens->at) || (value && *tokens->at == '.'); tokens->at++)
		put(tokens, n, value ? *tokens->at : lower(*tokens->at));
}

static void take(struct tokens *tokens)
{
	size_t n = 0;

	while (is_space(*tokens->at))
		tokens->at++;
	tokens->kind = *tokens->at ? TOKEN_OTHER : TOKEN_END;
	if (*tokens->at == '\'')
		take_quoted(tokens, &n, TOKEN_VALUE);
	else if (*tokens->at == '"' || *tokens->at == '`')
		take_quoted(tokens, &n, TOKEN_NAME);
	else if (*tokens->at == '?')
		take_parameter(tokens, &n);
	else if (is_part(*tokens->at) || (*tokens->at == '$' && decimal_is_digit(tokens->at[1])))
		take_word(tokens, &n);
	else if (*tokens->at)
		put(tokens, &n, *tokens->at++);
	tokens->text[n] = '\0';
}

static void next(struct tokens *tokens)
{
	take(tokens);
	while (tokens->kind == TOKEN_NAME && *tokens->at == '.') {
		tokens->at++;
		take(tokens);
	}
}

static bool is(const struct tokens *tokens, const char *text)
{
	return (tokens->kind == TOKEN_NAME || tokens->kind == TOKEN_OTHER) && strcmp(tokens->text, text) == 0;
}

static bool append(char key[WIRE_KEY_BYTES], const char *text)
{
	size_t at = strlen(key), length = strlen(text);

	if (at + length >= WIRE_KEY_BYTES)
		return false;
	memcpy(key + at, text, length + 1);
	return true;
}

static void append_column(char key[WIRE_KEY_BYTES], const char *name, const char *value)
{
	size_t at = strlen(key);

	if (!append(key, "\t") || !append(key, name) || !append(key, "=") || !append(key, value))
		key[at] = '\0';
}

/* The words of the statement up to its table, which is the token then. */
static bool find_table(struct tokens *tokens)
{
	next(tokens);
	if (is(tokens, "delete"))
		next(tokens);
	else if (!is(tokens, "update"))
		return false;
	next(tokens);
	if (is(tokens, "only"))
		next(tokens);
	return tokens->kind == TOKEN_NAME;
}

/* Up to this word outside of parentheses. */
static bool find_word(struct tokens *tokens, const char *word)
{
	int depth = 0;

	for (; tokens->kind != TOKEN_END && tokens->kind != TOKEN_UNKNOWN; next(tokens)) {
		depth += is(tokens, "(") - is(tokens, ")");
		if (depth == 0 && is(tokens, word))
			return true;
	}
	return false;
}

static bool is_behind(const struct tokens *tokens)
{
	return tokens->kind == TOKEN_END || is(tokens, "returning") || is(tokens, "order") || is(tokens, "limit") || is(tokens, ";");
}

/* One condition of several that all must hold, up to the `and` or what is behind the last. False: not of that kind. */
static bool read_condition(struct tokens *tokens, char key[WIRE_KEY_BYTES])
{
	struct tokens name = *tokens, value;
	int depth = 0;

	if (tokens->kind == TOKEN_NAME) {
		next(tokens);
		value = *tokens;
		next(&value);
		struct tokens after = value;
		next(&after);
		if (is(tokens, "=") && value.kind == TOKEN_VALUE && (is(&after, "and") || is_behind(&after)))
			append_column(key, name.text, value.text);
	}
	for (; depth > 0 || !(is(tokens, "and") || is_behind(tokens)); next(tokens)) {
		depth += is(tokens, "(") - is(tokens, ")");
		if (tokens->kind == TOKEN_END || tokens->kind == TOKEN_UNKNOWN || (depth == 0 && is(tokens, "or")))
			return false;
	}
	return true;
}

void wire_key_read(const char *sql, char key[WIRE_KEY_BYTES])
{
	struct tokens tokens = {.at = sql};
	bool more = true;

	key[0] = '\0';
	/* where a literal with a backslash ends depends on the server; what is behind a comment may be part of it */
	if (strchr(sql, '\\') || strstr(sql, "--") || strstr(sql, "/*") || strchr(sql, '#') || !find_table(&tokens) ||
		!append(key, tokens.text))
		return;
	for (more = find_word(&tokens, "where"); more; more = is(&tokens, "and")) {
		next(&tokens);
		if (!read_condition(&tokens, key)) {
			key[0] = '\0';
			return;
		}
	}
	bool ended = is(&tokens, ";");
	if (ended)
		next(&tokens);
	if (!strchr(key, '\t') || tokens.kind == TOKEN_UNKNOWN || (ended && tokens.kind != TOKEN_END))
		key[0] = '\0';
}

/* The value of parameter $N; NULL: there is none, or it is no text. */
static const char *parameter_of(const char *value, const struct wire_key_parameters *parameters)
{
	uint64_t number;

	decimal_read(value + 1, NULL, &number);
	if (number == 0 || number > WIRE_PARAMETERS || !parameters->texts[number - 1][0])
		return NULL;
	return parameters->texts[number - 1];
}

static void fill_column(char key[WIRE_KEY_BYTES], char *column, const struct wire_key_parameters *parameters)
{
	char *value = strchr(column, '=');

	if (!value)
		return;
	*value++ = '\0';
	const char *text = *value == '$' ? parameter_of(value, parameters) : value;
	if (text)
		append_column(key, column, text);
}

void wire_key_fill(char key[WIRE_KEY_BYTES], const struct wire_key_parameters *parameters)
{
	char pattern[WIRE_KEY_BYTES], *column, *following;

	memcpy(pattern, key, WIRE_KEY_BYTES);
	column = strchr(pattern, '\t');
	key[column ? column - pattern : 0] = '\0';
	for (; column; column = following) {
		following = strchr(column + 1, '\t');
		if (following)
			*following = '\0';
		fill_column(key, column + 1, parameters);
		if (following)
			*following = '\t';
	}
	if (!strchr(key, '\t'))
		key[0] = '\0';
}

/* A number as clients send it where it is not text. What is none is taken for one that no key has. */
static void write_number(char *text, const struct wire_text *bytes, bool big)
{
	uint64_t number = 0;
	bool negative = bytes->nbytes > 0 && (bytes->bytes[big ? 0 : bytes->nbytes - 1] & 0x80);

	for (uint32_t i = 0; i < bytes->nbytes; i++)
		number = number << 8 | (uint8_t)bytes->bytes[big ? i : bytes->nbytes - 1 - i];
	if (negative) {
		number = -(number | (bytes->nbytes < 8 ? ~0ULL << 8 * bytes->nbytes : 0));
		*text++ = '-';
	}
	*decimal_write(text, number) = '\0';
}

void wire_key_note(struct wire_key_parameters *parameters, const struct wire_event *event, bool big)
{
	bool plain = !event->is_null && event->text.nbytes == event->text.length;

	if (event->index >= WIRE_PARAMETERS)
		return;
	char *text = parameters->texts[event->index];
	text[0] = '\0';
	if (plain && event->is_binary && event->text.nbytes <= 8) {
		write_number(text, &event->text, big);
		return;
	}
	plain = plain && !event->is_binary && event->text.nbytes < sizeof parameters->texts[0];
	for (uint32_t i = 0; plain && i < event->text.nbytes; i++)
		plain = (unsigned char)event->text.bytes[i] >= ' ';
	if (!plain)
		return;
	memcpy(text, event->text.bytes, event->text.nbytes);
	text[event->text.nbytes] = '\0';
}
