#include "outside.h"

#include "call.h"

#include <string.h>

#include "channel.h"
#include "control.h"
#include "object.h"
#include "point.h"
#include "record.h"
#include "rendezvous.h"
#include "session.h"
#include "shared/hash.h"
#include "shared/http.h"
#include "snapshot.h"
#include "unit.h"

enum { PEERS = 32, KEY_DIGITS = 16 };

/* A connection of this process; those who share it have copies of what was said before they were made. */
struct peer {
	uint64_t identity; /* the kernel's, of the socket; 0: free */
	uint32_t used;
	struct http request;
	bool announced;
	bool heard; /* something has been sent */
};

static struct peer peers[PEERS];
static uint32_t nused;

/* The one on this socket; NULL: none. */
static struct peer *find(int fd)
{
	uint64_t identity = nused ? channel_identity(fd) : 0;

	for (int i = 0; identity && i < PEERS; i++)
		if (peers[i].identity == identity)
			return &peers[i];
	return NULL;
}

/* Numbers of sockets are used again, so a row is lost only to one that is newer. */
static struct peer *oldest(void)
{
	struct peer *row = &peers[0];

	for (int i = 1; i < PEERS; i++)
		if (peers[i].used < row->used)
			row = &peers[i];
	return row;
}

void outside_connect(int fd, const struct sockaddr *address, socklen_t length)
{
	uint32_t place = rendezvous_of(fd, address, length);
	uint64_t identity = channel_identity(fd);

	if (session_has_peer(address, length) || (place && (control->world.objects[place].flags & OBJECT_LISTENING)) || !identity)
		return;
	struct peer *peer = find(fd);
	if (!peer)
		peer = oldest();
	snapshot_touch(peer, sizeof *peer);
	*peer = (struct peer){.identity = identity, .used = ++nused};
	http_init(&peer->request, false);
}

static bool is_harmless(const char *name)
{
	static const char *const methods[] = {"GET ", "HEAD ", "OPTIONS ", "TRACE "};

	for (size_t i = 0; i < sizeof methods / sizeof *methods; i++)
		if (strncmp(name, methods[i], strlen(methods[i])) == 0)
			return true;
	return false;
}

/* Takes up to `most` bytes. True: with them a request is whole that is an effect. */
static bool hear(struct http *http, const struct iovec *vectors, int nvectors, size_t most, void (*tell)(const struct http *))
{
	bool effect = false;

	for (int i = 0; i < nvectors && most > 0; i++) {
		const uint8_t *bytes = vectors[i].iov_base;
		size_t left = vectors[i].iov_len < most ? vectors[i].iov_len : most;
		most -= left;
		while (left > 0) {
			uint32_t events, taken = http_take(http, bytes, left < UINT32_MAX ? (uint32_t)left : UINT32_MAX, &events);
			bool whole = (events & HTTP_DONE) && !is_harmless(http->name);
			if (whole && tell)
				tell(http);
			effect |= whole;
			bytes += taken;
			left -= taken;
		}
	}
	return effect;
}

/* TLS begins with a handshake record of version 3.x (RFC 8446, 5.1). */
static bool is_encrypted(const struct peer *peer, const struct iovec *vectors, int nvectors)
{
	const uint8_t *bytes = nvectors > 0 ? vectors[0].iov_base : NULL;

	return !peer->heard && bytes && vectors[0].iov_len > 2 && bytes[0] == 0x16 && bytes[1] == 3;
}

static size_t length_of(const struct iovec *vectors, int nvectors)
{
	size_t nbytes = 0;

	for (int i = 0; i < nvectors; i++)
		nbytes += vectors[i].iov_len;
	return nbytes;
}

void outside_send(int fd, const struct iovec *vectors, int nvectors)
{
	struct peer *peer = find(fd);

	if (!peer || peer->request.phase == HTTP_LOST)
		return;
	struct http trial = peer->request;
	if (!hear(&trial, vectors, nvectors, length_of(vectors, nvectors), NULL))
		return;
	struct request request = call_request(OP_EFFECT, object_global(OBJECT_EFFECT, hash_text(trial.name), ""));
	request.flags = 0; /* the client library's site is as good as any */
	point_announce(&request);
	unit_touches();
	point_apply();
	snapshot_touch(peer, sizeof *peer);
	peer->announced = true;
}

/* An effect's key is shown as it is, and bodies are people's data. */
static void tell(const struct http *http)
{
	static const char digits[] = "0123456789abcdef";
	char key[] = "body ________________", *at = key + strlen("body ");

	for (int i = 0; i < KEY_DIGITS; i++)
		at[i] = digits[http->digest >> (60 - 4 * i) & 15];
	record_effect(self.site, http->name, key);
}

ssize_t outside_sent(int fd, const struct iovec *vectors, int nvectors, ssize_t result)
{
	struct peer *peer = find(fd);

	if (!peer)
		return result;
	snapshot_touch(peer, sizeof *peer);
	if (result > 0 && is_encrypted(peer, vectors, nvectors))
		control_uncontrolled(UNCONTROLLED_TLS, self.site, "");
	peer->heard |= result > 0;
	if (result > 0)
		hear(&peer->request, vectors, nvectors, (size_t)result, tell);
	if (peer->announced)
		point_done(0, peer->request.digest);
	peer->announced = false;
	return result;
}
