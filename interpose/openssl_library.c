#include "openssl_library.h"

#include <dlfcn.h>
#include <link.h>
#include <stdbool.h>
#include <stddef.h>

#include "module.h"
#include "real.h"
#include "self.h"

enum { CALLERS = 32, PATH_BYTES = 512 };

/* A module that calls, and what it means. Rows are written once. */
struct caller {
	uint64_t begin, end;
	bool ready;
	struct openssl_library library;
};

static struct caller callers[CALLERS];
static uint32_t nreserved, first;

/* For whom there is no row. */
static __thread struct openssl_library spare __attribute__((tls_model("initial-exec")));

static const struct {
	const char *name;
	size_t offset;
} names[] = {
#define X(result, name, parameters) {#name, offsetof(struct openssl_library, name)},
	ABI_OPENSSL_FUNCTIONS(X)
#undef X
};

struct search {
	uint64_t address, begin, end;
	char path[PATH_BYTES];
};

static bool covers(const struct dl_phdr_info *info, uint64_t address, struct search *search)
{
	bool found = false;

	search->begin = UINT64_MAX;
	search->end = 0;
	for (int i = 0; i < info->dlpi_phnum; i++) {
		const ElfW(Phdr) *header = &info->dlpi_phdr[i];
		uint64_t begin = info->dlpi_addr + header->p_vaddr, end = begin + header->p_memsz;
		if (header->p_type != PT_LOAD)
			continue;
		found |= address >= begin && address < end;
		search->begin = begin < search->begin ? begin : search->begin;
		search->end = end > search->end ? end : search->end;
	}
	return found;
}

static int visit(struct dl_phdr_info *info, size_t size, void *state)
{
	struct search *search = state;
	size_t n = 0;

	(void)size;
	if (!covers(info, search->address, search)) {
		search->end = 0;
		return 0;
	}
	while (info->dlpi_name[n] && n < PATH_BYTES - 1) {
		search->path[n] = info->dlpi_name[n];
		n++;
	}
	search->path[n] = '\0';
	return 1;
}

/* A library that is loaded, and has the function: the handle through which to find all of them. */
static void *open_loaded(const char *path)
{
	void *handle = *path ? real.dlopen(path, RTLD_LAZY | RTLD_NOLOAD) : NULL;
	void *function = handle ? real.dlsym(handle, "SSL_write") : NULL;

	if (function && !module_is_own((uint64_t)(uintptr_t)function))
		return handle;
	if (handle)
		real.dlclose(handle);
	return NULL;
}

/* What the caller is linked with; for the program itself, and callers that are not: whatever comes behind us. */
static void find(const struct search *search, struct openssl_library *library)
{
	static const char *const usual[] = {"libssl.so.3", "libssl.so.1.1"};
	void *handle = open_loaded(search->path), *next = dlsym(RTLD_NEXT, "SSL_write");

	for (size_t i = 0; !handle && !next && i < sizeof usual / sizeof *usual; i++)
		handle = open_loaded(usual[i]);
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		*(void **)((char *)library + names[i].offset) =
			handle ? real.dlsym(handle, names[i].name) : dlsym(RTLD_NEXT, names[i].name);
	if (handle)
		real.dlclose(handle); /* the caller keeps it */
}

static const struct openssl_library *enter(uint64_t address)
{
	struct search search = {.address = address};
	uint16_t inside = self.inside;

	self.inside = 1;
	dl_iterate_phdr(visit, &search);
	uint32_t row = search.end ? __atomic_fetch_add(&nreserved, 1, __ATOMIC_RELAXED) : CALLERS;
	if (row >= CALLERS) {
		__atomic_store_n(&nreserved, CALLERS, __ATOMIC_RELAXED);
		find(&search, &spare);
		self.inside = inside;
		return &spare;
	}
	callers[row].begin = search.begin;
	callers[row].end = search.end;
	find(&search, &callers[row].library);
	__atomic_store_n(&callers[row].ready, true, __ATOMIC_RELEASE);
	module_refresh(); /* OpenSSL's locks are its own, see module.c */
	self.inside = inside;
	return &callers[row].library;
}

const struct openssl_library *openssl_library(uint64_t caller)
{
	uint32_t n = __atomic_load_n(&nreserved, __ATOMIC_ACQUIRE);

	for (uint32_t i = __atomic_load_n(&first, __ATOMIC_ACQUIRE); i < n && i < CALLERS; i++)
		if (__atomic_load_n(&callers[i].ready, __ATOMIC_ACQUIRE) && caller >= callers[i].begin && caller < callers[i].end)
			return &callers[i].library;
	return enter(caller);
}

void openssl_library_forget(void)
{
	__atomic_store_n(&first, __atomic_load_n(&nreserved, __ATOMIC_ACQUIRE), __ATOMIC_RELEASE);
}
