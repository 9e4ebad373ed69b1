#include "words.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "schedule.h"

int words_fail(struct words *words, const char *format, ...)
{
	va_list arguments;
	int length = snprintf(words->reason, words->reason_bytes, "line %u: ", words->line);

	if (length < 0 || (size_t)length >= words->reason_bytes)
		return -1;
	va_start(arguments, format);
	vsnprintf(words->reason + length, words->reason_bytes - (size_t)length, format, arguments);
	va_end(arguments);
	return -1;
}

int words_fail_memory(struct words *words)
{
	return words_fail(words, "memory is short");
}

/* For messages: at most this much of a word is repeated. */
int word_shown(const struct word *word)
{
	return word->nbytes < 40 ? (int)word->nbytes : 40;
}

static bool is_blank(char byte)
{
	return byte == ' ' || byte == '\t';
}

static void skip_blanks(struct words *words)
{
	while (words->at < words->end && is_blank(*words->at))
		words->at++;
}

bool word_is(const struct word *word, const char *text)
{
	return !word->quoted && word->nbytes == strlen(text) && memcmp(word->bytes, text, word->nbytes) == 0;
}

static int hex_digit(char byte)
{
	if (byte >= '0' && byte <= '9')
		return byte - '0';
	if (byte >= 'a' && byte <= 'f')
		return byte - 'a' + 10;
	return -1;
}

/* Exactly ndigits lower-case hex digits at `bytes`, of which there are nbytes. */
bool word_hex(const char *bytes, size_t nbytes, size_t ndigits, uint64_t *value)
{
	*value = 0;
	if (nbytes != ndigits)
		return false;
	for (size_t i = 0; i < ndigits; i++) {
		int digit = hex_digit(bytes[i]);
		if (digit < 0)
			return false;
		*value = *value << 4 | (uint64_t)digit;
	}
	return true;
}

static size_t word_length(const struct words *words)
{
	size_t n = 0;

	while (words->at + n < words->end && !is_blank(words->at[n]))
		n++;
	return n;
}

static int read_text_hash(struct words *words, struct word *word)
{
	size_t length = word_length(words);

	if (length == 0)
		return 0;
	if (*words->at != '~' || !word_hex(words->at + 1, length - 1, 8, &word->text_hash))
		return words_fail(words, "after a text in quotes comes a blank, or ~ and 8 hex digits");
	word->text_hash |= SCHEDULE_TEXT_CUT;
	words->at += length;
	return 0;
}

static int read_quoted(struct words *words, struct word *word)
{
	const char *at = ++words->at;

	while (at < words->end && *at != '"')
		at += *at == '\\' && at + 1 < words->end ? 2 : 1;
	if (at >= words->end)
		return words_fail(words, "a text in quotes doesn't end");
	*word = (struct word){.bytes = words->at, .nbytes = (size_t)(at - words->at), .quoted = true};
	words->at = at + 1;
	return read_text_hash(words, word);
}

/* 1: there is one; 0: the line has ended; -1: reported. */
int words_next(struct words *words, struct word *word)
{
	skip_blanks(words);
	if (words->at == words->end)
		return 0;
	if (*words->at == '"')
		return read_quoted(words, word) == 0 ? 1 : -1;
	*word = (struct word){.bytes = words->at, .nbytes = word_length(words)};
	words->at += word->nbytes;
	return 1;
}

static bool is_octal(char byte)
{
	return byte >= '0' && byte <= '7';
}

static int simple_escape(char letter)
{
	switch (letter) {
	case 'n': return '\n';
	case 't': return '\t';
	case 'r': return '\r';
	case '"': case '\'': case '\\': return letter;
	default: return -1;
	}
}

/* Reads one escape after its backslash; returns how many bytes it has, 0 when it is none. */
static size_t read_escape(const char *bytes, size_t nbytes, char *out)
{
	size_t n = 0;
	int value = 0;

	if (nbytes == 0)
		return 0;
	while (n < nbytes && n < 3 && is_octal(bytes[n]))
		value = value * 8 + (bytes[n++] - '0');
	if (n == 0) {
		value = simple_escape(bytes[0]);
		n = 1;
	}
	if (value <= 0 || value > 255)
		return 0;
	*out = (char)value;
	return n;
}

/* The text that escaped bytes stand for, in fresh memory. NULL: reported. */
static char *unescape(struct words *words, const char *bytes, size_t nbytes)
{
	char *text = malloc(nbytes + 1);
	size_t length = 0;

	if (text == NULL) {
		words_fail_memory(words);
		return NULL;
	}
	for (size_t i = 0; i < nbytes; length++) {
		if (bytes[i] != '\\') {
			text[length] = bytes[i++];
			continue;
		}
		size_t used = read_escape(bytes + i + 1, nbytes - i - 1, &text[length]);
		if (used == 0) {
			words_fail(words, "a backslash begins an escape such as \\n, \\\" or \\040; write \\\\ for itself");
			free(text);
			return NULL;
		}
		i += 1 + used;
	}
	text[length] = '\0';
	return text;
}

int words_text(struct words *words, char **slot, const struct word *word, const char *what)
{
	if (*slot != NULL)
		return words_fail(words, "a second %s", what);
	if (word->nbytes == 0)
		return words_fail(words, "an empty %s", what);
	*slot = unescape(words, word->bytes, word->nbytes);
	return *slot == NULL ? -1 : 0;
}

int words_end(struct words *words)
{
	struct word word;
	int there = words_next(words, &word);

	if (there > 0)
		return words_fail(words, "'%.*s' is not expected here", word_shown(&word), word.bytes);
	return there;
}

int words_expect(struct words *words, struct word *word, const char *what)
{
	int there = words_next(words, word);

	if (there == 0)
		return words_fail(words, "%s is missing", what);
	return there < 0 ? -1 : 0;
}

const char *words_raw(struct words *words, size_t *nbytes)
{
	const char *end = words->end;

	skip_blanks(words);
	const char *start = words->at;
	while (end > start && is_blank(end[-1]))
		end--;
	words->at = words->end;
	*nbytes = (size_t)(end - start);
	return start;
}

int words_rest(struct words *words, char **slot, const char *what)
{
	struct word word = {0};

	word.bytes = words_raw(words, &word.nbytes);
	if (word.nbytes == 0)
		return words_fail(words, "%s is missing", what);
	return words_text(words, slot, &word, what);
}
