/*
 * Numbers as decimal digits, written and read without the C library, which consults the locale and sets errno.
 */
#ifndef RACE_SHARED_DECIMAL_H
#define RACE_SHARED_DECIMAL_H

#include <stddef.h>
#include <stdint.h>

enum { DECIMAL_BYTES = 20 }; /* the most digits of 64 bits */

static inline int decimal_is_digit(char byte)
{
	return byte >= '0' && byte <= '9';
}

/* Writes the digits, without anything behind them; returns where they end. */
static inline char *decimal_write(char *at, uint64_t value)
{
	char digits[DECIMAL_BYTES];
	size_t ndigits = 0;

	do
		digits[ndigits++] = (char)('0' + value % 10);
	while ((value /= 10) != 0);
	while (ndigits > 0)
		*at++ = digits[--ndigits];
	return at;
}

/* With a sign where it is negative. */
static inline char *decimal_write_signed(char *at, int64_t value)
{
	if (value < 0)
		*at++ = '-';
	return decimal_write(at, value < 0 ? -(uint64_t)value : (uint64_t)value);
}

/*
 * Reads digits up to what is none, or up to `end` (NULL: to the end of the string); returns where they end. What does
 * not fit is UINT64_MAX; without a digit it is 0.
 */
static inline const char *decimal_read(const char *at, const char *end, uint64_t *value)
{
	uint64_t number = 0;

	for (; at != end && decimal_is_digit(*at); at++)
		if (__builtin_mul_overflow(number, 10, &number) ||
			__builtin_add_overflow(number, (uint64_t)(*at - '0'), &number))
			number = UINT64_MAX; /* and stays there: ten times it overflows, too */
	*value = number;
	return at;
}

#endif
