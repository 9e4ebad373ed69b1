#include "session_message.h"

#include "call.h"

#include <errno.h>
#include <poll.h>
#include <sys/socket.h>

#include "await.h"
#include "channel.h"
#include "external.h"
#include "inquiry.h"
#include "object.h"
#include "session.h"
#include "shared/hash.h"
#include "shared/wire/wire.h"
#include "sys.h"

struct hearing {
	struct external external;
	int fd;
};

static int fd_of(const struct external *external)
{
	return ((const struct hearing *)external)->fd;
}

static bool is_there(struct external *external)
{
	external->result = channel_is_ready(fd_of(external), POLLIN);
	return external->result;
}

static bool sleep_ready(struct external *external)
{
	struct pollfd query = {.fd = fd_of(external), .events = POLLIN};

	sys_call3(SYS_poll, (long)&query, 1, -1);
	return false;
}

static const struct wire *wire_of(uint32_t session)
{
	return &control->sessions[session].wire;
}

/* What all subscribers of a server wait for. */
static uint32_t messages_of(uint32_t peer)
{
	const char *name = control->text + control->peers[peer].name;

	return object_global(OBJECT_CHANNEL, hash_text("messages") + hash_text(name) + peer, name);
}

uint32_t session_message_source(int fd)
{
	uint32_t session = session_of(fd);

	return session && wire_is_subscribed(wire_of(session)) ? messages_of(control->sessions[session].peer) : 0;
}

int session_message_await(int fd)
{
	uint32_t messages = session_message_source(fd);

	if (!messages || await_never(fd) || channel_is_ready(fd, POLLIN))
		return 0;
	struct hearing hearing = {
		.external = {.request = call_request(OP_POLL, messages),
			.is_ready = is_there, .attempt = is_there, .sleep = sleep_ready},
		.fd = fd,
	};
	hearing.external.request.flags = 0; /* the client library's site is as good as any */
	await_patience(&hearing.external.request, fd, SO_RCVTIMEO);
	int error = await_external(&hearing.external, true);
	return error == ETIMEDOUT ? EAGAIN : error;
}

static bool is_heard(uint32_t peer)
{
	for (uint32_t i = 1; i <= control->nsessions; i++) {
		const struct database_session *session = &control->sessions[i];
		if (session->phase != SESSION_FREE && session->peer == peer && wire_is_subscribed(&session->wire))
			return true;
	}
	return false;
}

void session_message_published(uint32_t session)
{
	uint32_t peer = control->sessions[session].peer;

	if (!is_heard(peer))
		return;
	inquiry_ask(INQUIRY_SETTLE, session);
	control->world.objects[messages_of(peer)].version++;
	control->world.channel_changes++;
	control->world.progress++;
}
