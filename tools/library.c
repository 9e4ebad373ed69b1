#include "library.h"

#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static const char *const places[] = {"librace.so", "../lib/race/librace.so", "../lib/librace.so"};

static const char *own_folder(struct pool *pool)
{
	char path[PATH_MAX];
	ssize_t length = readlink("/proc/self/exe", path, sizeof(path) - 1);

	if (length <= 0)
		return ".";
	path[length] = '\0';
	return pool_copy(pool, dirname(path));
}

const char *library_look(struct pool *pool)
{
	const char *named = getenv("RACE_LIBRARY"), *folder, *path;
	size_t index;

	if (named && *named)
		return access(named, R_OK) == 0 ? named : NULL;
	folder = own_folder(pool);
	for (index = 0; index < sizeof(places) / sizeof(places[0]); index++) {
		path = pool_print(pool, "%s/%s", folder, places[index]);
		if (access(path, R_OK) == 0)
			return path;
	}
	return NULL;
}

bool library_log(void)
{
	const char *wanted = getenv("RACE_LOG");

	return wanted && *wanted;
}

const char *library_find(struct pool *pool)
{
	const char *path = library_look(pool), *named = getenv("RACE_LIBRARY");

	if (path)
		return path;
	if (named && *named)
		fprintf(stderr, "race: RACE_LIBRARY names %s, which can't be read\n", named);
	else
		fprintf(stderr, "race: librace.so is neither in %s nor in ../lib/race or ../lib from there; "
			"set RACE_LIBRARY to its path\n", own_folder(pool));
	return NULL;
}
