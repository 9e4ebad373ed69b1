#include "wire_key.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "../decimal.h"
#include "wire_token.h"

static bool append(char key[WIRE_KEY_BYTES], const char *text)
{
	size_t at = strlen(key), length = strlen(text);

	if (at + length >= WIRE_KEY_BYTES)
		return false;
	memcpy(key + at, text, length + 1);
	return true;
}

static bool append_column(char key[WIRE_KEY_BYTES], const char *name, const char *value)
{
	size_t at = strlen(key);

	if (append(key, "\t") && append(key, name) && append(key, "=") && append(key, value))
		return true;
	key[at] = '\0';
	return false;
}

/* The words of the statement up to its table, which is the token then. */
static bool find_table(struct wire_tokens *tokens)
{
	wire_token_next(tokens);
	if (wire_token_is(tokens, "delete"))
		wire_token_next(tokens);
	else if (!wire_token_is(tokens, "update"))
		return false;
	wire_token_next(tokens);
	if (wire_token_is(tokens, "only"))
		wire_token_next(tokens);
	return tokens->kind == WIRE_TOKEN_NAME;
}

/* Up to this word outside of parentheses. */
static bool find_word(struct wire_tokens *tokens, const char *word)
{
	int depth = 0;

	for (; tokens->kind != WIRE_TOKEN_END && tokens->kind != WIRE_TOKEN_UNKNOWN; wire_token_next(tokens)) {
		depth += wire_token_is(tokens, "(") - wire_token_is(tokens, ")");
		if (depth == 0 && wire_token_is(tokens, word))
			return true;
	}
	return false;
}

static bool is_behind(const struct wire_tokens *tokens)
{
	return tokens->kind == WIRE_TOKEN_END || wire_token_is(tokens, "returning") || wire_token_is(tokens, "order") || wire_token_is(tokens, "limit") || wire_token_is(tokens, ";");
}

/* The same of a SELECT, which is of one table only where the rest says so. */
static bool find_source(struct wire_tokens *tokens)
{
	wire_token_next(tokens);
	if (!wire_token_is(tokens, "select") || !find_word(tokens, "from"))
		return false;
	wire_token_next(tokens);
	return tokens->kind == WIRE_TOKEN_NAME;
}

/* The token behind a value, and behind the type that it is taken for: '1'::integer. */
static void skip_value(struct wire_tokens *tokens)
{
	wire_token_next(tokens);
	for (int i = 0; i < 3 && wire_token_is(tokens, ":"); i++)
		wire_token_next(tokens);
	if (tokens->kind == WIRE_TOKEN_NAME && !wire_token_is(tokens, "and") && !is_behind(tokens))
		wire_token_next(tokens);
}

/* `COLUMN = VALUE`, and nothing else up to what follows. */
static bool is_equality(struct wire_tokens tokens, struct wire_tokens *value)
{
	if (tokens.kind != WIRE_TOKEN_NAME)
		return false;
	wire_token_next(&tokens);
	if (!wire_token_is(&tokens, "="))
		return false;
	wire_token_next(&tokens);
	*value = tokens;
	skip_value(&tokens);
	return value->kind == WIRE_TOKEN_VALUE && (wire_token_is(&tokens, "and") || is_behind(&tokens));
}

/*
 * One condition of several that all must hold, up to the `and` or what is behind the last. False: not of that kind.
 * *whole stays true where it is one of the key.
 */
static bool read_condition(struct wire_tokens *tokens, char key[WIRE_KEY_BYTES], bool *whole)
{
	struct wire_tokens value;
	int depth = 0;

	*whole &= is_equality(*tokens, &value) && append_column(key, tokens->text, value.text);
	for (; depth > 0 || !(wire_token_is(tokens, "and") || is_behind(tokens)); wire_token_next(tokens)) {
		depth += wire_token_is(tokens, "(") - wire_token_is(tokens, ")");
		if (tokens->kind == WIRE_TOKEN_END || tokens->kind == WIRE_TOKEN_UNKNOWN || (depth == 0 && wire_token_is(tokens, "or")))
			return false;
	}
	return true;
}

static bool read_key(const char *sql, bool (*find)(struct wire_tokens *), char key[WIRE_KEY_BYTES])
{
	struct wire_tokens tokens = {.at = sql};
	bool more = true, whole = true;

	key[0] = '\0';
	if (!wire_token_is_clear(sql) || !find(&tokens) || !append(key, tokens.text))
		return false;
	for (more = find_word(&tokens, "where"); more; more = wire_token_is(&tokens, "and")) {
		wire_token_next(&tokens);
		if (!read_condition(&tokens, key, &whole)) {
			key[0] = '\0';
			return false;
		}
	}
	bool ended = wire_token_is(&tokens, ";");
	if (ended)
		wire_token_next(&tokens);
	if (!strchr(key, '\t') || tokens.kind == WIRE_TOKEN_UNKNOWN || (ended && tokens.kind != WIRE_TOKEN_END))
		key[0] = '\0';
	return whole && key[0];
}

bool wire_key_read(const char *sql, char key[WIRE_KEY_BYTES])
{
	return read_key(sql, find_table, key);
}

bool wire_key_read_looked(const char *sql, char key[WIRE_KEY_BYTES])
{
	return read_key(sql, find_source, key);
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

static bool fill_column(char key[WIRE_KEY_BYTES], char *column, const struct wire_key_parameters *parameters)
{
	char *value = strchr(column, '=');

	if (!value)
		return false;
	*value++ = '\0';
	const char *text = *value == '$' ? parameter_of(value, parameters) : value;
	return text && append_column(key, column, text);
}

bool wire_key_fill(char key[WIRE_KEY_BYTES], const struct wire_key_parameters *parameters)
{
	bool whole = true;
	char pattern[WIRE_KEY_BYTES], *column, *following;

	memcpy(pattern, key, WIRE_KEY_BYTES);
	column = strchr(pattern, '\t');
	key[column ? column - pattern : 0] = '\0';
	for (; column; column = following) {
		following = strchr(column + 1, '\t');
		if (following)
			*following = '\0';
		whole &= fill_column(key, column + 1, parameters);
		if (following)
			*following = '\t';
	}
	if (!strchr(key, '\t'))
		key[0] = '\0';
	return whole && key[0];
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
