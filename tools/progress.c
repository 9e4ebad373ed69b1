#include "progress.h"

#include <stdio.h>
#include <string.h>

enum { LINE_BYTES = 256 };

static const double period = 0.2; /* seconds between two lines: often enough to be alive, rarely enough to be read */

void progress_init(struct progress *progress, uint64_t max_executions, bool quiet)
{
	memset(progress, 0, sizeof(*progress));
	terminal_inspect(stderr, &progress->terminal);
	progress->max_executions = max_executions;
	progress->shown_at = -period;
	if (quiet)
		progress->terminal.interactive = false;
}

static size_t print_left(const struct progress *progress, const struct campaign_progress *now, char *line,
	size_t nbytes)
{
	int length = 0;

	if (now->fraction_left >= 0)
		length = snprintf(line, nbytes, "  about %.0f %% left", now->fraction_left * 100);
	else if (now->budget_left >= 0)
		length = snprintf(line, nbytes, "  %.0f %% of the budget left", now->budget_left * 100);
	else if (progress->max_executions)
		length = snprintf(line, nbytes, "  of %llu", (unsigned long long)progress->max_executions);
	return length > 0 && (size_t)length < nbytes ? (size_t)length : 0;
}

int progress_show(void *state, const struct campaign_progress *now)
{
	struct progress *progress = state;
	char line[LINE_BYTES], left[LINE_BYTES / 4] = "";
	int stop = progress->stop && *progress->stop;

	if (!progress->terminal.interactive || now->seconds - progress->shown_at < period)
		return stop;
	progress->shown_at = now->seconds;
	progress->shown = true;
	print_left(progress, now, left, sizeof(left));
	snprintf(line, sizeof(line), "%-11s %llu executions%s  %.0f/s  %llu distinct  %u finding%s  %.0f s",
		now->phase ? now->phase : "", (unsigned long long)now->executions, left, now->executions_per_second,
		(unsigned long long)now->distinct_traces, now->findings, now->findings == 1 ? "" : "s", now->seconds);
	line[progress->terminal.width - 1 < sizeof(line) - 1 ? progress->terminal.width - 1 : sizeof(line) - 1] = '\0';
	fprintf(stderr, "\r\033[K%s", line);
	fflush(stderr);
	return stop;
}

void progress_clear(struct progress *progress)
{
	if (progress->shown)
		fputs("\r\033[K", stderr);
	progress->shown = false;
}
