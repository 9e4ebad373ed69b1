#include "wire_token.h"

#include <stddef.h>
#include <string.h>

#include "../decimal.h"
#include "wire.h"

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

static void put(struct wire_tokens *tokens, size_t *n, char c)
{
	if (*n == WIRE_TOKEN_BYTES - 1 || c == '\t' || c == '\n')
		tokens->kind = WIRE_TOKEN_UNKNOWN;
	else
		tokens->text[(*n)++] = c;
}

/* What stands between quotes, which are doubled where they belong to it. */
static void take_quoted(struct wire_tokens *tokens, size_t *n, enum wire_token_kind kind)
{
	char quote = *tokens->at++;

	tokens->kind = kind;
	for (; *tokens->at && (*tokens->at != quote || tokens->at[1] == quote); tokens->at++) {
		tokens->at += *tokens->at == quote;
		put(tokens, n, *tokens->at);
	}
	if (*tokens->at)
		tokens->at++;
	else
		tokens->kind = WIRE_TOKEN_UNKNOWN;
	/* looks like a parameter */
	if (kind == WIRE_TOKEN_VALUE && *n > 0 && tokens->text[0] == '$')
		tokens->kind = WIRE_TOKEN_UNKNOWN;
}

static void take_parameter(struct wire_tokens *tokens, size_t *n)
{
	uint32_t number = ++tokens->nparameters;

	tokens->at++;
	tokens->kind = WIRE_TOKEN_VALUE;
	put(tokens, n, '$');
	if (number >= 10)
		put(tokens, n, (char)('0' + number / 10 % 10));
	put(tokens, n, (char)('0' + number % 10));
	if (number > WIRE_PARAMETERS)
		tokens->kind = WIRE_TOKEN_UNKNOWN;
}

static void take_word(struct wire_tokens *tokens, size_t *n)
{
	bool value = decimal_is_digit(*tokens->at) || *tokens->at == '$';

	tokens->kind = value ? WIRE_TOKEN_VALUE : WIRE_TOKEN_NAME;
	if (*tokens->at == '$' || *tokens->at == '-')
		put(tokens, n, *tokens->at++);
	for (; is_part(*tokens->at) || (value && *tokens->at == '.'); tokens->at++)
		put(tokens, n, value ? *tokens->at : lower(*tokens->at));
}

static void take(struct wire_tokens *tokens)
{
	size_t n = 0;

	while (is_space(*tokens->at))
		tokens->at++;
	tokens->kind = *tokens->at ? WIRE_TOKEN_OTHER : WIRE_TOKEN_END;
	tokens->quoted = *tokens->at == '"' || *tokens->at == '`';
	if (*tokens->at == '\'')
		take_quoted(tokens, &n, WIRE_TOKEN_VALUE);
	else if (tokens->quoted)
		take_quoted(tokens, &n, WIRE_TOKEN_NAME);
	else if (*tokens->at == '?')
		take_parameter(tokens, &n);
	else if (is_part(*tokens->at) || (*tokens->at == '$' && decimal_is_digit(tokens->at[1])))
		take_word(tokens, &n);
	else if (*tokens->at)
		put(tokens, &n, *tokens->at++);
	tokens->text[n] = '\0';
}

void wire_token_next(struct wire_tokens *tokens)
{
	tokens->qualified = false;
	take(tokens);
	while (tokens->kind == WIRE_TOKEN_NAME && *tokens->at == '.') {
		tokens->at++;
		tokens->qualified |= strcmp(tokens->text, "public") != 0;
		take(tokens);
	}
}

bool wire_token_is(const struct wire_tokens *tokens, const char *text)
{
	return (tokens->kind == WIRE_TOKEN_NAME || tokens->kind == WIRE_TOKEN_OTHER) && strcmp(tokens->text, text) == 0;
}

bool wire_token_is_clear(const char *sql)
{
	return !strchr(sql, '\\') && !strstr(sql, "--") && !strstr(sql, "/*") && !strchr(sql, '#');
}
