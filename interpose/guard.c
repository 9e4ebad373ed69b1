/*
 * Guards of C++ function-local statics. Compiled code looks at the first byte by itself and comes here while it is 0;
 * between acquire and release it runs the initialiser.
 */
#include "once.h"

#include "shared/model/model.h"

#define LIBSTDCXX "libstdc++.so.6"

/* As in libstdc++: bytes of the guard, which is 8 bytes long. */
enum { BYTE_DONE, BYTE_RUNNING };

static uint32_t object_guard(const char *word)
{
	return once_object(word, word[BYTE_DONE] == 0 && word[BYTE_RUNNING] == 0);
}

INTERPOSE_IN(LIBSTDCXX, int, __cxa_guard_acquire, (char *word), (word))
{
	uint32_t object = object_guard(word);

	if (once_begin(object, word[BYTE_DONE] != 0) != MODEL_ONCE_RUN)
		return 0;
	word[BYTE_RUNNING] = 1;
	return 1;
}

static void end(char *word, bool done)
{
	call_model(done ? OP_ONCE_END : OP_ONCE_ABORT, object_guard(word));
	word[BYTE_RUNNING] = 0;
	word[BYTE_DONE] = done;
}

INTERPOSE_VOID_IN(LIBSTDCXX, __cxa_guard_release, (char *word), (word))
{
	end(word, true);
}

INTERPOSE_VOID_IN(LIBSTDCXX, __cxa_guard_abort, (char *word), (word))
{
	end(word, false);
}
