#include "runtime_log.h"

#include <string.h>

static size_t used_bytes(const struct control *control)
{
	return control->log_used < LIMIT_LOG_BYTES ? control->log_used : LIMIT_LOG_BYTES;
}

void runtime_log_clear(struct control *control)
{
	memset(control->log, 0, used_bytes(control));
	control->log_used = 0;
}

void runtime_log_print(const struct control *control, uint64_t plan, FILE *out)
{
	/* lines that found no room left zeroes behind */
	size_t nbytes = strnlen(control->log, used_bytes(control));

	if (nbytes == 0)
		return;
	fprintf(out, "race: log of plan %llu\n", (unsigned long long)plan);
	fwrite(control->log, 1, nbytes, out);
	if (control->log_used > LIMIT_LOG_BYTES)
		fputs("race: the rest of the log had no room\n", out);
	fflush(out);
}
