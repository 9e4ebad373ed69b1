#include "unwind.h"

#include <dlfcn.h>
#include <stddef.h>
#include <stdint.h>

#include "control.h"
#include "real.h"

struct _Unwind_Exception;
struct _Unwind_Context;

/* Asked for by the compiler, by these names. */
void _Unwind_Resume(struct _Unwind_Exception *exception);
int __gcc_personality_v0(
	int version, int actions, uint64_t class, struct _Unwind_Exception *exception, struct _Unwind_Context *context);

static void *library(void)
{
	static void *handle;

	if (!handle)
		handle = real.dlopen("libgcc_s.so.1", RTLD_NOW | RTLD_LOCAL);
	return handle;
}

void unwind_note(void)
{
	control->unwinds = 1;
}

void unwind_prepare(void)
{
	if (control->unwinds)
		library();
}

/* Whoever unwinds has come from there: it is never missing. */
static void *genuine(const char *name)
{
	return real.dlsym(library(), name);
}

__attribute__((used)) void _Unwind_Resume(struct _Unwind_Exception *exception)
{
	void (*resume)(struct _Unwind_Exception *) = (void (*)(struct _Unwind_Exception *))genuine("_Unwind_Resume");

	resume(exception);
	__builtin_unreachable();
}

__attribute__((used)) int __gcc_personality_v0(
	int version, int actions, uint64_t class, struct _Unwind_Exception *exception, struct _Unwind_Context *context)
{
	int (*personality)(int, int, uint64_t, struct _Unwind_Exception *, struct _Unwind_Context *) =
		(int (*)(int, int, uint64_t, struct _Unwind_Exception *, struct _Unwind_Context *))genuine("__gcc_personality_v0");

	return personality(version, actions, class, exception, context);
}
