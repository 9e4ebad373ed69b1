/* dlopen and its relatives: one task at a time, as far as constructors reach points. */
#include "dl.h"

#include "interpose.h"

#include <dlfcn.h>

#include "openssl_library.h"

static void *(*genuine_dlopen)(const char *, int);
static void *(*genuine_dlmopen)(Lmid_t, const char *, int);
static int (*genuine_dlclose)(void *);
static void *(*genuine_dlsym)(void *, const char *);
INTERPOSE_TABLE(dlopen, LIBC, NULL);
INTERPOSE_TABLE(dlmopen, LIBC, NULL);
INTERPOSE_TABLE(dlclose, LIBC, NULL);
INTERPOSE_TABLE(dlsym, LIBC, NULL);

static const struct interposed *const entries[] = {&entry_dlopen, &entry_dlmopen, &entry_dlclose, &entry_dlsym};

/* Libraries of their own scope would not see our functions. */
static uint64_t without_deepbind(uint64_t flags)
{
	return flags & RTLD_NOLOAD ? flags : flags & ~(uint64_t)RTLD_DEEPBIND;
}

static void prepare(struct dl_call *call, uint64_t function)
{
	switch (function) {
	case DL_OPEN:
		call->second = without_deepbind(call->second);
		loader_enter();
		break;
	case DL_MOPEN:
		call->third = without_deepbind(call->third);
		loader_enter();
		break;
	case DL_CLOSE:
		loader_enter();
		break;
	default:
		loader_wait();
	}
}

/* The first of all genuine functions: with it the others are found. */
static void find_dlsym(void)
{
	if (!genuine_dlsym)
		genuine_dlsym = (void *(*)(void *, const char *))dlvsym(RTLD_NEXT, "dlsym", "GLIBC_2.2.5");
}

void *dl_enter(struct dl_call *call, uint64_t function)
{
	struct guard guard __attribute__((cleanup(guard_leave))) = {0};

	find_dlsym();
	if (function == DL_CLOSE)
		openssl_library_forget();
	if (guard_enter(&guard, entries[function], call->caller))
		prepare(call, function);
	else if (control_mode == CONTROL_OBSERVE && function == DL_OPEN)
		call->second = without_deepbind(call->second); /* PHP loads its drivers so */
	return *entries[function]->genuine;
}

/* These want no caller, only the lock. */
INTERPOSE(int, dladdr, (const void *address, Dl_info *info), (address, info))
{
	loader_wait();
	return genuine_dladdr(address, info);
}

INTERPOSE(int, dladdr1, (const void *address, Dl_info *info, void **extra, int flags), (address, info, extra, flags))
{
	loader_wait();
	return genuine_dladdr1(address, info, extra, flags);
}
