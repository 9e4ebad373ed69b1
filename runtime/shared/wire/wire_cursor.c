#include "wire_cursor.h"

#include <string.h>

const uint8_t *wire_cursor_bytes(struct wire_cursor *cursor, uint64_t nbytes)
{
	const uint8_t *bytes = cursor->at;

	if (cursor->bad || nbytes > cursor->left) {
		cursor->bad = true;
		return NULL;
	}
	cursor->at += nbytes;
	cursor->left -= nbytes;
	return bytes;
}

uint64_t wire_cursor_big(struct wire_cursor *cursor, uint32_t nbytes)
{
	const uint8_t *bytes = wire_cursor_bytes(cursor, nbytes);
	uint64_t number = 0;

	for (uint32_t i = 0; bytes && i < nbytes; i++)
		number = number << 8 | bytes[i];
	return number;
}

uint64_t wire_cursor_little(struct wire_cursor *cursor, uint32_t nbytes)
{
	const uint8_t *bytes = wire_cursor_bytes(cursor, nbytes);
	uint64_t number = 0;

	for (uint32_t i = nbytes; bytes && i > 0; i--)
		number = number << 8 | bytes[i - 1];
	return number;
}

uint64_t wire_cursor_number(struct wire_cursor *cursor)
{
	uint64_t first = wire_cursor_little(cursor, 1);

	switch (first) {
	case 0xfc: return wire_cursor_little(cursor, 2);
	case 0xfd: return wire_cursor_little(cursor, 3);
	case 0xfe: return wire_cursor_little(cursor, 8);
	case 0xfb:
	case 0xff:
		cursor->bad = true; /* NULL and an error: not numbers */
		return 0;
	default: return first;
	}
}

const char *wire_cursor_text(struct wire_cursor *cursor, size_t *nbytes)
{
	const uint8_t *text = cursor->at;
	const uint8_t *end = cursor->bad || cursor->left == 0 ? NULL : memchr(text, 0, cursor->left);

	*nbytes = 0;
	if (!end) {
		cursor->bad = true;
		return NULL;
	}
	*nbytes = (size_t)(end - text);
	cursor->at = end + 1;
	cursor->left -= *nbytes + 1;
	return (const char *)text;
}
