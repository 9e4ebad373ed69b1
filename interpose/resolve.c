/* Finds genuine functions in the library that defines them, not behind us: other preloads sit in between. */
#include "interpose.h"

#include <dlfcn.h>
#include <string.h>

#include "real.h"

struct real real;

/* Opening a library allocates; the program's allocator may take a lock, which is to be found meanwhile. */
static __thread bool resolving __attribute__((tls_model("initial-exec")));

extern const struct interposed __start_race_interposed[], __stop_race_interposed[];

static void *in_library(const struct interposed *entry, const char *library)
{
	void *handle = real.dlopen(library, RTLD_LAZY | RTLD_NOLOAD);

	if (!handle)
		return NULL;
	return entry->version ? dlvsym(handle, entry->name, entry->version) : real.dlsym(handle, entry->name);
}

void *resolve_entry(const struct interposed *entry)
{
	uint16_t inside = self.inside;
	void *genuine = NULL;

	self.inside = 1;
	if (real.dlopen && !resolving) {
		resolving = true;
		genuine = in_library(entry, entry->library);
		resolving = false;
	}
	if (!genuine)
		genuine = dlsym(RTLD_NEXT, entry->name);
	self.inside = inside;
	*entry->genuine = genuine;
	return genuine;
}

void resolve_all(void)
{
	void *libc;

	if (real.dlopen)
		return;
	real.dlopen = (void *(*)(const char *, int))dlsym(RTLD_NEXT, "dlopen");
	real.dlsym = (void *(*)(void *, const char *))dlsym(RTLD_NEXT, "dlsym");
	real.dlclose = (int (*)(void *))dlsym(RTLD_NEXT, "dlclose");
	libc = real.dlopen(LIBC, RTLD_LAZY | RTLD_NOLOAD);
	real.fork = (int (*)(void))real.dlsym(libc, "_Fork");
	if (!real.fork)
		real.fork = (int (*)(void))real.dlsym(libc, "fork");
	real.key_create = (int (*)(unsigned int *, void (*)(void *)))real.dlsym(libc, "pthread_key_create");
	real.setspecific = (int (*)(unsigned int, const void *))real.dlsym(libc, "pthread_setspecific");
	real.thread_create = (int (*)(unsigned long *, const void *, void *(*)(void *), void *))real.dlsym(libc,
		"pthread_create");
	real.thread_join = (int (*)(unsigned long, void **))real.dlsym(libc, "pthread_join");
	real.thread_detach = (int (*)(unsigned long))real.dlsym(libc, "pthread_detach");
	real.set_cancel_state = (int (*)(int, int *))real.dlsym(libc, "pthread_setcancelstate");
	real.flush = (int (*)(void *))real.dlsym(libc, "fflush");
	real.exit = (__typeof__(real.exit))real.dlsym(libc, "exit");
	for (const struct interposed *entry = __start_race_interposed; entry < __stop_race_interposed; entry++)
		if (strcmp(entry->library, LIBC) == 0) /* also those that were found in haste */
			resolve_entry(entry);
}
