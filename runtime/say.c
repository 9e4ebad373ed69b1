#include "say.h"

#include <string.h>

#include "control.h"
#include "shared/decimal.h"

static uint32_t put_text(char *line, uint32_t at, const char *text)
{
	while (*text && at < 150)
		line[at++] = *text++;
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
	length = (uint32_t)(decimal_write_signed(line + length, number) - line);
	line[length++] = '\n';
	uint32_t at = __atomic_fetch_add(&control->log_used, length, __ATOMIC_RELAXED);
	if (at + length <= LIMIT_LOG_BYTES)
		memcpy(control->log + at, line, length);
}
