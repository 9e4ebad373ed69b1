#include "tls_observed.h"

#include "session_observed.h"

enum { HANDLES = 1024, FD_BITS = 14 };

/* Handles of libraries, with the descriptor in the lower bits; whoever comes later to a place has it. */
static uint64_t handles[HANDLES];

_Static_assert(SESSION_DESCRIPTORS == 1 << FD_BITS, "a descriptor fits");

/* User addresses have 47 bits. */
static uint64_t bits_of(const struct session_tls *tls)
{
	return (uint64_t)(uintptr_t)tls->handle << FD_BITS;
}

static uint64_t *place_of(const struct session_tls *tls)
{
	uint64_t address = (uint64_t)(uintptr_t)tls->handle;

	return &handles[(address >> 4 ^ address >> 14) % HANDLES];
}

/* -1: not known. */
static int descriptor_of(const struct session_tls *tls)
{
	uint64_t known = __atomic_load_n(place_of(tls), __ATOMIC_RELAXED);

	return known >> FD_BITS == bits_of(tls) >> FD_BITS ? (int)(known & (SESSION_DESCRIPTORS - 1)) : -1;
}

void tls_observed_learn(int fd)
{
	const struct session_tls *tls = &session_tls_place.tls;

	if (descriptor_of(tls) == fd)
		return;
	__atomic_store_n(place_of(tls), bits_of(tls) | (uint64_t)fd, __ATOMIC_RELAXED);
	session_observed_lift(fd);
}

static int64_t deliver(const struct session_tls *tls, struct session_tls_text *text)
{
	SESSION_TLS_PLACE(tls, TLS_WORKS);

	return text->send(text);
}

/* Where the descriptor is learned in the call, nobody else has the session yet. */
void tls_observed_send(const struct session_tls *tls, struct session_tls_text *text, uint64_t site)
{
	const struct iovec vector = {(void *)(uintptr_t)text->bytes, text->nbytes};
	int fd = descriptor_of(tls);
	bool known = fd >= 0 || text->nbytes == 0;
	struct session_slot *slot = fd >= 0 && text->nbytes > 0 && session_observed_is(fd) ? session_observed_begin(fd, &vector, 1) : NULL;
	int64_t sent = deliver(tls, text);

	if (!known && (fd = descriptor_of(tls)) >= 0 && session_observed_is(fd))
		slot = session_observed_begin(fd, &vector, 1);
	if (slot)
		session_observed_sent(slot, &vector, 1, sent, site);
}

void tls_observed_received(const struct session_tls *tls, const void *bytes, int64_t nbytes)
{
	int fd = nbytes > 0 ? descriptor_of(tls) : -1;

	if (fd >= 0 && session_observed_is(fd))
		session_observed_received(fd, SESSION_VECTOR(bytes, (size_t)nbytes), 1, nbytes);
}

void tls_observed_forget(const struct session_tls *tls)
{
	if (descriptor_of(tls) >= 0)
		__atomic_store_n(place_of(tls), 0, __ATOMIC_RELAXED);
}
