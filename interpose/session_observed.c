#include "session_observed.h"

#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/un.h>

#include "control.h"
#include "observe.h"
#include "session_ring.h"
#include "session_tls.h"
#include "shared/decimal.h"
#include "socket_key.h"
#include "sys.h"
#include "tls_observed.h"

enum { SLOTS = 512, PATIENCE = 2000, CANDIDATE = 1, FIRST_SLOT = 2, FIRST_BYTES = 16 };

struct session_slot {
	uint64_t key; /* of its socket; 0: free */
	uint32_t lock;
	uint32_t number;
	struct session_ring ring;
};

uint16_t session_descriptors[SESSION_DESCRIPTORS];

static struct session_slot *slots[SLOTS];
static uint32_t nslots;

static void set_descriptor(int fd, uint16_t what)
{
	__atomic_store_n(&session_descriptors[fd], what, __ATOMIC_RELAXED);
}

static bool lock(struct session_slot *slot)
{
	for (uint32_t i = 0; i < PATIENCE; i++) {
		uint32_t nobody = 0;
		if (__atomic_compare_exchange_n(&slot->lock, &nobody, 1, false, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED))
			return true;
		sys_call3(SYS_sched_yield, 0, 0, 0);
	}
	return false;
}

static void unlock(struct session_slot *slot)
{
	__atomic_store_n(&slot->lock, 0, __ATOMIC_RELEASE);
}

/* The session is over: its slot is for others. */
static void release(struct session_slot *slot)
{
	session_ring_close(&slot->ring);
	__atomic_store_n(&slot->key, 0, __ATOMIC_RELEASE);
}

static struct session_slot *new_slot(void)
{
	uint32_t number = __atomic_fetch_add(&nslots, 1, __ATOMIC_RELAXED);

	if (number >= SLOTS) {
		__atomic_store_n(&nslots, SLOTS, __ATOMIC_RELAXED);
		return NULL;
	}
	struct session_slot *slot = sys_map(NULL, sizeof *slot, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (slot) {
		slot->number = number;
		slot->lock = 1;
		__atomic_store_n(&slots[number], slot, __ATOMIC_RELEASE);
	}
	return slot;
}

/* A free one, which the caller has; NULL: there is none. */
static struct session_slot *take_slot(void)
{
	uint32_t n = __atomic_load_n(&nslots, __ATOMIC_RELAXED);

	for (uint32_t i = 0; i < n && i < SLOTS; i++) {
		struct session_slot *slot = __atomic_load_n(&slots[i], __ATOMIC_ACQUIRE);
		if (!slot || __atomic_load_n(&slot->key, __ATOMIC_ACQUIRE) || !lock(slot))
			continue;
		if (slot->key == 0)
			return slot;
		unlock(slot);
	}
	return new_slot();
}

/*
 * The slot of a session, which the caller has then. NULL: it is none any more. `expected`: what is read from the
 * descriptor is taken for a reply that is due, without asking the kernel what it is.
 */
static struct session_slot *have(int fd, bool expected)
{
	uint16_t what = __atomic_load_n(&session_descriptors[fd], __ATOMIC_RELAXED);
	struct session_slot *slot = what >= FIRST_SLOT ? __atomic_load_n(&slots[what - FIRST_SLOT], __ATOMIC_ACQUIRE) : NULL;

	if (slot && lock(slot)) {
		bool same = slot->key && expected && wire_is_waiting(&slot->ring.wire);
		if (same || (slot->key && slot->key == socket_key(fd)))
			return slot;
		unlock(slot);
	}
	set_descriptor(fd, 0);
	return NULL;
}

/* What can't be followed is said once, whoever's it was. */
static void note_escape(enum uncontrolled reason)
{
	__atomic_or_fetch(&control->world.uncontrolled, 1u << reason, __ATOMIC_RELAXED);
}

static void give_back(struct session_slot *slot)
{
	struct session_ring *ring = &slot->ring;

	if (ring->lost)
		note_escape(UNCONTROLLED_SESSION);
	if (ring->lost || (wire_state(&ring->wire) > WIRE_READY && !ring->encrypted))
		release(slot);
	unlock(slot);
}

static char *put_hex(char *at, const uint8_t *bytes, size_t nbytes)
{
	for (size_t i = 0; i < nbytes; i++) {
		*at++ = "0123456789abcdef"[bytes[i] >> 4];
		*at++ = "0123456789abcdef"[bytes[i] & 15];
	}
	return at;
}

static char *put_internet(char *at, const uint8_t *address)
{
	for (int i = 0; i < 4; i++) {
		at = decimal_write(at, address[i]);
		*at++ = '.';
	}
	return at - 1;
}

/* An address of IPv4 is the same where a socket of IPv6 has it. */
static char *put_address(char *at, const struct sockaddr *address)
{
	const struct sockaddr_in *four = (const struct sockaddr_in *)address;
	const struct sockaddr_in6 *six = (const struct sockaddr_in6 *)address;

	if (address->sa_family == AF_INET)
		at = put_internet(at, (const uint8_t *)&four->sin_addr);
	else if (IN6_IS_ADDR_V4MAPPED(&six->sin6_addr))
		at = put_internet(at, six->sin6_addr.s6_addr + 12);
	else
		at = put_hex(at, six->sin6_addr.s6_addr, sizeof six->sin6_addr.s6_addr);
	*at++ = ':';
	return decimal_write(at, __builtin_bswap16(four->sin_port)); /* at the same place in both */
}

static void name_peer(int fd, char text[SESSION_RING_ADDRESS_BYTES])
{
	struct sockaddr_storage peer = {0};
	const char *path = ((const struct sockaddr_un *)&peer)->sun_path;
	socklen_t length = sizeof peer;
	char *end = text;

	if (sys_call3(SYS_getpeername, fd, (long)&peer, (long)&length) == 0 && peer.ss_family == AF_UNIX) {
		size_t nbytes = strnlen(path + !*path, sizeof ((struct sockaddr_un *)0)->sun_path - 1);
		memcpy(text, path + !*path, nbytes);
		end += nbytes;
	} else if (peer.ss_family == AF_INET || peer.ss_family == AF_INET6) {
		end = put_address(text, (const struct sockaddr *)&peer);
	}
	*end = '\0';
}

/* The candidate speaks this protocol, or none: 0. Returns its slot, which the caller has then. */
static struct session_slot *decide(int fd, enum wire_protocol protocol)
{
	char address[SESSION_RING_ADDRESS_BYTES];
	uint64_t key = protocol ? socket_key(fd) : 0;

	set_descriptor(fd, 0);
	if (key == 0)
		return NULL;
	observe_begin_process();
	struct session_slot *slot = observe_is_on() ? take_slot() : NULL;
	if (!slot)
		return NULL;
	name_peer(fd, address);
	session_ring_open(&slot->ring, protocol, key >> 1, address);
	__atomic_store_n(&slot->key, key, __ATOMIC_RELEASE);
	set_descriptor(fd, (uint16_t)(slot->number + FIRST_SLOT));
	return slot;
}

static bool is_stream(int fd, const struct sockaddr *address)
{
	int type = 0;
	socklen_t length = sizeof type;

	if (!address || (address->sa_family != AF_UNIX && address->sa_family != AF_INET && address->sa_family != AF_INET6))
		return false;
	return sys_call(SYS_getsockopt, fd, SOL_SOCKET, SO_TYPE, (long)&type, (long)&length, 0) == 0 && type == SOCK_STREAM;
}

int session_observed_connected(int fd, const struct sockaddr *address, int result)
{
	int error = errno;

	if ((result == 0 || error == EINPROGRESS) && (unsigned int)fd < SESSION_DESCRIPTORS) {
		struct session_slot *slot = session_descriptors[fd] >= FIRST_SLOT ? have(fd, false) : NULL;
		if (slot)
			unlock(slot); /* again */
		else
			set_descriptor(fd, is_stream(fd, address) ? CANDIDATE : 0);
	}
	errno = error;
	return result;
}

static size_t take_first(const struct iovec *vectors, int nvectors, int64_t nbytes, uint8_t first[FIRST_BYTES])
{
	size_t n = 0, most = nbytes < FIRST_BYTES ? (size_t)nbytes : FIRST_BYTES;

	for (int i = 0; i < nvectors && n < most; i++) {
		size_t taken = vectors[i].iov_len < most - n ? vectors[i].iov_len : most - n;
		if (taken > 0)
			memcpy(first + n, vectors[i].iov_base, taken);
		n += taken;
	}
	return n;
}

/* `*3\r\n$` is what a client of Redis begins with. */
static bool is_command(const uint8_t *bytes, size_t nbytes)
{
	size_t i = 1;

	while (i < nbytes && decimal_is_digit((char)bytes[i]))
		i++;
	return nbytes - i >= 3 && bytes[i] == '\r' && bytes[i + 1] == '\n' && bytes[i + 2] == '$';
}

static enum wire_protocol protocol_of_client(const struct iovec *vectors, int nvectors)
{
	uint8_t first[FIRST_BYTES] = {0};
	size_t nbytes = take_first(vectors, nvectors, FIRST_BYTES, first);
	enum wire_protocol protocol = wire_protocol_of_client(first, nbytes);

	return protocol == WIRE_RESP && !is_command(first, nbytes) ? 0 : protocol;
}

/* Who reads the length of MariaDB's greeting by itself sees no more of it yet. */
static enum wire_protocol protocol_of_server(const struct iovec *vectors, int nvectors, int64_t nbytes)
{
	uint8_t first[FIRST_BYTES] = {0};
	size_t n = take_first(vectors, nvectors, nbytes, first);

	if (n == 4 && first[0] > 0 && first[2] == 0 && first[3] == 0)
		return WIRE_MYSQL;
	return wire_protocol_of_server(first, n);
}

/* Encryption was agreed upon, and nobody whom we see does it. */
static struct session_slot *hide(struct session_slot *slot)
{
	note_escape(UNCONTROLLED_TLS);
	release(slot);
	unlock(slot);
	return NULL;
}

/* Encrypted bytes of the library that works here: their text is told. */
static bool is_cipher(int fd)
{
	if (session_tls_place.task == TLS_IDLE)
		return false;
	tls_observed_learn(fd);
	return true;
}

struct session_slot *session_observed_begin(int fd, const struct iovec *vectors, int nvectors)
{
	int error = errno;
	struct session_slot *slot = NULL;

	if (!is_cipher(fd))
		slot = session_descriptors[fd] == CANDIDATE ? decide(fd, protocol_of_client(vectors, nvectors)) : have(fd, false);
	if (slot && slot->ring.encrypted)
		slot = hide(slot);
	errno = error;
	return slot;
}

void session_observed_lift(int fd)
{
	struct session_slot *slot = session_descriptors[fd] >= FIRST_SLOT ? have(fd, false) : NULL;

	if (!slot)
		return;
	if (slot->ring.encrypted)
		wire_lift(&slot->ring.wire);
	slot->ring.encrypted = false;
	unlock(slot);
}

static void feed(struct session_slot *slot, const struct iovec *vectors, int nvectors, int64_t nbytes, uint64_t site)
{
	for (int i = 0; i < nvectors && nbytes > 0; i++) {
		size_t length = vectors[i].iov_len < (uint64_t)nbytes ? vectors[i].iov_len : (size_t)nbytes;
		if (site)
			session_ring_sent(&slot->ring, vectors[i].iov_base, length, site);
		else
			session_ring_received(&slot->ring, vectors[i].iov_base, length);
		nbytes -= (int64_t)length;
	}
}

void session_observed_sent(struct session_slot *slot, const struct iovec *vectors, int nvectors, int64_t nbytes, uint64_t site)
{
	int error = errno;

	feed(slot, vectors, nvectors, nbytes, site);
	give_back(slot);
	errno = error;
}

void session_observed_received(int fd, const struct iovec *vectors, int nvectors, int64_t nbytes)
{
	int error = errno;
	struct session_slot *slot = NULL;

	if (!is_cipher(fd))
		slot = session_descriptors[fd] == CANDIDATE ? decide(fd, protocol_of_server(vectors, nvectors, nbytes)) : have(fd, true);
	if (slot) {
		feed(slot, vectors, nvectors, nbytes, 0);
		give_back(slot);
	}
	errno = error;
}

void session_observed_close(int fd)
{
	int error = errno;
	struct session_slot *slot = session_descriptors[fd] == CANDIDATE ? NULL : have(fd, false);

	set_descriptor(fd, 0);
	if (slot) {
		release(slot);
		unlock(slot);
	}
	errno = error;
}
