#include "adapter.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The Makefile defines WITHOUT_... where an adapter is to be left out (WITHOUT="postgres"). */

/* A kind of server, and the client library that its adapter needs; NULL: this build has none. */
struct kind {
	const char *scheme, *name, *package;
	const struct adapter *adapter;
};

static const struct kind kinds[] = {
#if __has_include(<postgresql/libpq-fe.h>) && !defined(WITHOUT_postgres)
	{"postgresql", "PostgreSQL", "libpq-dev", &adapter_postgres},
#else
	{"postgresql", "PostgreSQL", "libpq-dev", NULL},
#endif
#if __has_include(<mariadb/mysql.h>) && !defined(WITHOUT_mariadb)
	{"mysql", "MariaDB", "libmariadb-dev", &adapter_mariadb},
#else
	{"mysql", "MariaDB", "libmariadb-dev", NULL},
#endif
#if __has_include(<hiredis/hiredis.h>) && !defined(WITHOUT_redis)
	{"redis", "Redis", "libhiredis-dev", &adapter_redis},
#else
	{"redis", "Redis", "libhiredis-dev", NULL},
#endif
};

const struct adapter *adapter_find(const char *url, struct complaint *complaint)
{
	const char *colon = strstr(url, "://");
	size_t length = colon ? (size_t)(colon - url) : 0;

	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
		if (length != strlen(kinds[i].scheme) || strncmp(url, kinds[i].scheme, length) != 0)
			continue;
		if (!kinds[i].adapter)
			snprintf(complaint->text, sizeof complaint->text, "this build of race has no adapter for %s: it was built without "
				"its client library (package %s)", kinds[i].name, kinds[i].package);
		return kinds[i].adapter;
	}
	snprintf(complaint->text, sizeof complaint->text, "%.100s is no database that race knows; it knows "
		"postgresql:///NAME?host=FOLDER&user=USER, mysql:///NAME?socket=FILE&user=USER and redis:///NUMBER?socket=FILE", url);
	return NULL;
}

char *adapter_name(const char *url)
{
	char *name = strndup(url, strcspn(url, "?")), *start = name ? strstr(name, "://") : NULL;
	char *at = start ? strchr(start, '@') : NULL;

	if (at)
		memmove(start + 3, at + 1, strlen(at));
	return name;
}
