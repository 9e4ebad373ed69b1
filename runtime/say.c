#include "say.h"

#include <string.h>

#include "control.h"

static uint32_t put_text(char *line, uint32_t at, const char *text)
{
	while (*text && at < 150)
		line[at++] = *text++;
	return at;
}

static uint32_t put_number(char *line, uint32_t at, int64_t number)
{
	char digits[24];
	uint32_t ndigits = 0;
	uint64_t rest = number < 0 ? -(uint64_t)number : (uint64_t)number;

	do
		digits[ndigits++] = (char)('0' + rest % 10);
	while ((rest /= 10) != 0);
	if (number < 0)
		line[at++] = '-';
	while (ndigits > 0)
		line[at++] = digits[--ndigits];
	return at;
}

void say(const char *domain, const char *text, int64_t number)
{
	char line[192];
	uint32_t length = put_text(line, 0, domain);

	if (!control)
		return;
	length = put_text(line, length, ": ");
	length = put_text(line, length, text);
	length = put_text(line, length, " ");
	length = put_number(line, length, number);
	line[length++] = '\n';
	uint32_t at = __atomic_fetch_add(&control->log_used, length, __ATOMIC_RELAXED);
	if (at + length <= LIMIT_LOG_BYTES)
		memcpy(control->log + at, line, length);
}
