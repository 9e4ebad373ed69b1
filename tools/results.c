#include "results.h"

#include <errno.h>
#include <libgen.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "report/report.h"
#include "shared/outcome.h"

struct destination {
	const char *path;
	const struct report *report;
};

enum { DESTINATIONS = 4 };

static void list_destinations(const struct invocation *invocation, struct destination *list)
{
	list[0] = (struct destination){invocation->json, &report_json};
	list[1] = (struct destination){invocation->html, &report_html};
	list[2] = (struct destination){invocation->sarif, &report_sarif};
	list[3] = (struct destination){invocation->junit, &report_junit};
}

static int check_path(struct pool *pool, const char *path)
{
	const char *folder = dirname(pool_copy(pool, path));

	if (access(path, W_OK) == 0 || (errno == ENOENT && access(folder, W_OK | X_OK) == 0))
		return 0;
	fprintf(stderr, "race: %s can't be written: %s\n", path, strerror(errno));
	return -1;
}

int results_check(struct invocation *invocation)
{
	struct destination list[DESTINATIONS];
	size_t index;
	int taken = 0;

	list_destinations(invocation, list);
	for (index = 0; index < DESTINATIONS; index++) {
		if (!list[index].path)
			continue;
		if (strcmp(list[index].path, "-") == 0)
			taken++;
		else if (check_path(invocation->pool, list[index].path))
			return EXIT_INTERNAL;
	}
	if (taken < 2)
		return EXIT_CLEAN;
	fputs("race: only one result can go to standard output\n", stderr);
	return EXIT_USAGE;
}

bool results_take_stdout(const struct invocation *invocation)
{
	struct destination list[DESTINATIONS];
	size_t index;

	list_destinations(invocation, list);
	for (index = 0; index < DESTINATIONS; index++)
		if (list[index].path && strcmp(list[index].path, "-") == 0)
			return true;
	return false;
}

int results_write_text(const struct invocation *invocation, const struct document *document)
{
	if (results_take_stdout(invocation) || !(document->ran || document->nfindings || document->nreplays))
		return 0;
	return report_save(&report_text, document, "-");
}

int results_write_files(const struct invocation *invocation, const struct document *document)
{
	struct destination list[DESTINATIONS];
	size_t index;
	int failed = 0;

	list_destinations(invocation, list);
	for (index = 0; index < DESTINATIONS; index++)
		if (list[index].path)
			failed |= report_save(list[index].report, document, list[index].path);
	return failed;
}

int results_write(const struct invocation *invocation, const struct document *document)
{
	int failed = results_write_text(invocation, document);

	return results_write_files(invocation, document) | failed;
}
