#include "library.h"

#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static const char *const places[] = {"librace.so", "../lib/race/librace.so", "../lib/librace.so", NULL};
static const char *const script_places[] = {"race.py", "../share/race/race.py", NULL};

static const char *own_folder(struct pool *pool)
{
	char path[PATH_MAX];
	ssize_t length = readlink("/proc/self/exe", path, sizeof(path) - 1);

	if (length <= 0)
		return ".";
	path[length] = '\0';
	return pool_copy(pool, dirname(path));
}

/* The first readable one of these, seen from the folder of the race binary. */
static const char *look_in(struct pool *pool, const char *const *list)
{
	const char *folder = own_folder(pool), *path;

	for (; *list; list++) {
		path = pool_print(pool, "%s/%s", folder, *list);
		if (access(path, R_OK) == 0)
			return path;
	}
	return NULL;
}

const char *library_look(struct pool *pool)
{
	const char *named = getenv("RACE_LIBRARY");

	if (named && *named)
		return access(named, R_OK) == 0 ? named : NULL;
	return look_in(pool, places);
}

const char *library_script(struct pool *pool)
{
	return look_in(pool, script_places);
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
