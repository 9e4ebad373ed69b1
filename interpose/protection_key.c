/* Protection keys (pkeys(7)). Rights go with the thread, see runtime/fiber.c; what they protect can't be put back. */
#include "call.h"

#include <sys/mman.h>

INTERPOSE(int, pkey_alloc, (unsigned int flags, unsigned int rights), (flags, rights))
{
	int key = genuine_pkey_alloc(flags, rights);

	if (key < 0)
		return call_error(errno);
	control->world.seen |= SEEN_KEYS;
	return key;
}
