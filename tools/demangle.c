#include "demangle.h"

#include <dlfcn.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

typedef char *demangler(const char *name, char *buffer, size_t *length, int *status);

/* Not linked: race runs where no C++ library is, and then there are no C++ names to read either. */
static demangler *find_demangler(void)
{
	static demangler *found;
	static bool looked;
	void *library;

	if (looked)
		return found;
	looked = true;
	library = dlopen("libstdc++.so.6", RTLD_LAZY | RTLD_LOCAL);
	if (library)
		found = (demangler *)dlsym(library, "__cxa_demangle");
	return found;
}

/* Rust's older mangling is C++'s with a hash as the last component: `::h` and 16 hex digits. */
static void cut_rust_hash(char *name)
{
	size_t length = strlen(name);
	char *hash;

	if (length < 20)
		return;
	hash = name + length - 19;
	if (strncmp(hash, "::h", 3) == 0 && strspn(hash + 3, "0123456789abcdef") == 16)
		*hash = '\0';
}

const char *demangle(struct pool *pool, const char *name)
{
	demangler *readable;
	char *text, *kept;
	int status = -1;

	if (!name || strncmp(name, "_Z", 2) != 0)
		return name;
	readable = find_demangler();
	text = readable ? readable(name, NULL, NULL, &status) : NULL;
	if (!text || status) {
		free(text);
		return name;
	}
	kept = pool_copy(pool, text);
	free(text);
	cut_rust_hash(kept);
	return kept;
}
