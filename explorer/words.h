/*
 * The words of one line of a schedule: taken one after another, with the sentence that says what is wrong with them.
 *
 * Functions that return int return -1 when something is wrong; `reason` then says what, with the line's number.
 */
#ifndef RACE_EXPLORER_WORDS_H
#define RACE_EXPLORER_WORDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct words {
	const char *at, *end; /* what is left of the line, without its line feed */
	uint32_t line;        /* its number */
	char *reason;
	size_t reason_bytes;
};

/* A bare word or a text in quotes, still escaped; borrowed from the line. */
struct word {
	const char *bytes;
	size_t nbytes;
	bool quoted;
	uint64_t text_hash; /* of "..."~hash, as in struct schedule_line */
};

/* Notes what is wrong; always -1. */
int words_fail(struct words *words, const char *format, ...) __attribute__((format(printf, 2, 3)));
int words_fail_memory(struct words *words);

/* The next word. 1: there is one; 0: the line has ended. */
int words_next(struct words *words, struct word *word);

/* The next word, which must be there; `what` is missing otherwise. */
int words_expect(struct words *words, struct word *word, const char *what);

/* Nothing may follow. */
int words_end(struct words *words);

/* What is left of the line as it stands, without blanks at its ends; borrowed. */
const char *words_raw(struct words *words, size_t *nbytes);

/* What is left of the line, unescaped, without blanks at its ends, into *slot, which must be NULL. */
int words_rest(struct words *words, char **slot, const char *what);

/* The unescaped text of a word into *slot, which must be NULL, else it is "a second `what`". Owned by the caller. */
int words_text(struct words *words, char **slot, const struct word *word, const char *what);

/* Is it this bare word? */
bool word_is(const struct word *word, const char *text);

/* Exactly ndigits lower-case hex digits? */
bool word_hex(const char *bytes, size_t nbytes, size_t ndigits, uint64_t *value);

/* How much of it a message repeats, for %.*s. */
int word_shown(const struct word *word);

#endif
