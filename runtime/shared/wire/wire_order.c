#include "wire_order.h"

#include "../hash.h"

static bool is_space(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

static bool is_part(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '$' || (c & 0x80);
}

/* Does this word, in lower case, stand at `at`? Where it ends, 0: it doesn't. */
static uint32_t word_end(struct wire_text text, uint32_t at, const char *word)
{
	if (at > 0 && is_part(text.bytes[at - 1]))
		return 0;
	while (*word && at < text.nbytes && (text.bytes[at] | 0x20) == *word)
		at++, word++;
	return *word || (at < text.nbytes && is_part(text.bytes[at])) ? 0 : at;
}

bool wire_order_is_asked(struct wire_text statement)
{
	if (statement.nbytes < statement.length)
		return true;
	for (uint32_t i = 0; i < statement.nbytes; i++) {
		uint32_t at = word_end(statement, i, "order");
		bool parted = at > 0;
		while (parted && at < statement.nbytes && is_space(statement.bytes[at]))
			at++;
		if (parted && word_end(statement, at, "by"))
			return true;
	}
	return false;
}

/* FNV hardly mixes its last bytes: sums would be the same for rows that have changed them with each other. */
static uint64_t mix(uint64_t hash)
{
	hash = (hash ^ hash >> 30) * 0xbf58476d1ce4e5b9ULL;
	hash = (hash ^ hash >> 27) * 0x94d049bb133111ebULL;
	return hash ^ hash >> 31;
}

uint64_t wire_order_add(uint64_t digest, uint64_t row, bool ordered)
{
	uint64_t sum = ordered ? hash_bytes(digest ? digest : HASH_START, &row, sizeof row) : digest + mix(row);

	return sum ? sum : 1;
}
