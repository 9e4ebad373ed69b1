/*
 * The tokens of a SQL statement, with a look at what quotes and parameters they have.
 */
#ifndef RACE_SHARED_WIRE_TOKEN_H
#define RACE_SHARED_WIRE_TOKEN_H

#include <stdbool.h>
#include <stdint.h>

enum { WIRE_TOKEN_BYTES = 64 };

/* UNKNOWN: too long, or where it ends can't be told. */
enum wire_token_kind { WIRE_TOKEN_END, WIRE_TOKEN_NAME, WIRE_TOKEN_VALUE, WIRE_TOKEN_OTHER, WIRE_TOKEN_UNKNOWN };

struct wire_tokens {
	const char *at; /* what follows the token */
	enum wire_token_kind kind;
	uint32_t nparameters; /* question marks so far: MySQL's parameters have no numbers */
	bool quoted;          /* a name that is no word of the language, whatever it is */
	bool qualified;       /* something other than `public` stood before it, and a point */
	char text[WIRE_TOKEN_BYTES]; /* names in small letters, without quotes and what they are qualified by */
};

void wire_token_next(struct wire_tokens *tokens);

/* Is this the token, a name or another character? */
bool wire_token_is(const struct wire_tokens *tokens, const char *text);

/* Can the tokens of this text be told? Where a literal with a backslash ends, and what a comment is, servers differ in. */
bool wire_token_is_clear(const char *sql);

#endif
