#include "report.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const struct report *const reports[] = {
	&report_text, &report_json, &report_html, &report_junit, &report_sarif,
};

enum { REPORTS = sizeof(reports) / sizeof(reports[0]) };

const struct report *report_find(const char *name)
{
	size_t index;

	for (index = 0; index < REPORTS; index++)
		if (strcmp(reports[index]->name, name) == 0)
			return reports[index];
	return NULL;
}

const char *report_word(uint32_t index)
{
	return index < REPORTS ? reports[index]->name : NULL;
}

int report_write(const struct report *report, const struct document *document, const struct terminal *terminal,
	FILE *out)
{
	void *state = report->open(document, terminal, out);
	uint32_t index;

	for (index = 0; report->finding && index < document->nfindings; index++)
		report->finding(state, &document->findings[index]);
	report->end(state);
	return fflush(out) || ferror(out) ? -1 : 0;
}

static int write_stream(const struct report *report, const struct document *document, FILE *out)
{
	struct terminal terminal;

	terminal_inspect(out, &terminal);
	return report_write(report, document, &terminal, out);
}

/* A new file beside the one wanted, with the rights that creating it would give. */
static FILE *open_beside(char *name)
{
	mode_t mask = umask(0);
	int fd;

	umask(mask);
	fd = mkstemp(name);
	if (fd < 0)
		return NULL;
	fchmod(fd, 0666 & ~mask);
	return fdopen(fd, "w");
}

static int replace(const struct report *report, const struct document *document, const char *path, char *name)
{
	FILE *out = open_beside(name);
	int failed;

	if (!out)
		return -1;
	failed = write_stream(report, document, out);
	failed |= fclose(out);
	if (!failed && rename(name, path) == 0)
		return 0;
	failed = errno;
	unlink(name);
	errno = failed;
	return -1;
}

/* Devices and pipes (/dev/stdout, /dev/fd/3) are written to, not replaced. */
static int write_in_place(const struct report *report, const struct document *document, const char *path)
{
	FILE *out = fopen(path, "w");
	int failed;

	if (!out)
		return -1;
	failed = write_stream(report, document, out);
	return fclose(out) || failed ? -1 : 0;
}

int report_save(const struct report *report, const struct document *document, const char *path)
{
	struct stat status;
	struct pool *pool;
	int result;

	if (strcmp(path, "-") == 0)
		return write_stream(report, document, stdout);
	pool = pool_open();
	if (stat(path, &status) == 0 && !S_ISREG(status.st_mode))
		result = write_in_place(report, document, path);
	else
		result = replace(report, document, path, pool_print(pool, "%s.XXXXXX", path));
	if (result)
		fprintf(stderr, "race: %s can't be written: %s\n", path, strerror(errno));
	pool_close(pool);
	return result;
}
