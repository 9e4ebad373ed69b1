/*
 * Reading fields of a message that is there, within its bounds. Reading past the end gives zeroes and marks the cursor
 * `bad`, for good.
 */
#ifndef RACE_SHARED_WIRE_CURSOR_H
#define RACE_SHARED_WIRE_CURSOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct wire_cursor {
	const uint8_t *at;
	size_t left;
	bool bad;
};

/* Bytes that are there; NULL: not so many. */
const uint8_t *wire_cursor_bytes(struct wire_cursor *cursor, uint64_t nbytes);

/* Whole numbers of up to 8 bytes, most and least significant byte first. */
uint64_t wire_cursor_big(struct wire_cursor *cursor, uint32_t nbytes);
uint64_t wire_cursor_little(struct wire_cursor *cursor, uint32_t nbytes);

/* MySQL's numbers of variable length. */
uint64_t wire_cursor_number(struct wire_cursor *cursor);

/* A text to its NUL, which is skipped; its length in *nbytes. NULL: there is none. */
const char *wire_cursor_text(struct wire_cursor *cursor, size_t *nbytes);

#endif
