#include "sqlite_library.h"

#include <dlfcn.h>
#include <stddef.h>

#include "interpose.h"
#include "real.h"

static struct sqlite_library library;

static const struct {
	const char *name;
	size_t offset;
} names[] = {
#define X(result, name, parameters) {"sqlite3_" #name, offsetof(struct sqlite_library, name)},
	SQLITE_FUNCTIONS(X)
#undef X
};

const struct sqlite_library *sqlite_library(void)
{
	static bool found;

	if (found)
		return &library;
	void *handle = real.dlopen(SQLITE_LIBRARY, RTLD_LAZY | RTLD_NOLOAD);
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		void *address = real.dlsym(handle ? handle : RTLD_DEFAULT, names[i].name);
		*(void **)((char *)&library + names[i].offset) = address;
	}
	found = true;
	module_refresh(); /* it may have been loaded late, and its calls are guarded */
	return &library;
}
