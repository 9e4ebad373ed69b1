#include "adapter.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#if __has_include(<postgresql/libpq-fe.h>)
static const struct adapter *const adapters[] = {&adapter_postgres, NULL};
#else
static const struct adapter *const adapters[] = {NULL};
#endif

const struct adapter *adapter_find(const char *url, struct complaint *complaint)
{
	const char *colon = strstr(url, "://");
	size_t length = colon ? (size_t)(colon - url) : 0;

	for (const struct adapter *const *adapter = adapters; *adapter; adapter++)
		if (length == strlen((*adapter)->scheme) && strncmp(url, (*adapter)->scheme, length) == 0)
			return *adapter;
	if (strncmp(url, "postgresql://", 13) == 0)
		snprintf(complaint->text, sizeof complaint->text,
			"this build of race has no adapter for PostgreSQL: it was built without libpq (package libpq-dev)");
	else
		snprintf(complaint->text, sizeof complaint->text,
			"%.100s is no database that race knows; it knows postgresql:///NAME?host=FOLDER&user=USER", url);
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
