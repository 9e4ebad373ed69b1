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
#include "session_request.h"
#include "shared/hash.h"
#include "shared/wire/wire.h"
#include "sys.h"

enum { ARRIVAL_MS = 1000 };

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

static bool is_listening(uint32_t session)
{
	const struct database_session *row = &control->sessions[session];

	return row->listens || wire_is_subscribed(&row->wire);
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

	return session && is_listening(session) ? messages_of(control->sessions[session].peer) : 0;
}

bool session_message_is_late(int fd)
{
	uint32_t session = session_of(fd);

	return session && control->sessions[session].listens;
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
	/* the client library's site is as good as any */
	hearing.external.request.flags = session_message_is_late(fd) ? REQUEST_OUTSIDE : 0;
	await_patience(&hearing.external.request, fd, SO_RCVTIMEO);
	int error = await_external(&hearing.external, true);
	return error == ETIMEDOUT ? EAGAIN : error;
}

static bool is_open(uint32_t session, uint32_t peer)
{
	const struct database_session *row = &control->sessions[session];

	return row->phase != SESSION_FREE && row->peer == peer && is_listening(session);
}

static bool is_heard(uint32_t peer)
{
	for (uint32_t i = 1; i <= control->nsessions; i++)
		if (is_open(i, peer))
			return true;
	return false;
}

/* Those of this process that have nothing yet get some time. */
static void await_arrival(uint32_t from)
{
	for (uint32_t i = 1; i <= control->nsessions; i++) {
		const struct database_session *row = &control->sessions[i];
		struct pollfd query = {.fd = row->socket, .events = POLLIN};
		if (i != from && row->listens && is_open(i, control->sessions[from].peer) && row->process == control_process &&
			session_of(row->socket) == i)
			sys_call3(SYS_poll, (long)&query, 1, ARRIVAL_MS);
	}
}

static void publish(uint32_t session)
{
	uint32_t peer = control->sessions[session].peer;

	if (!is_heard(peer))
		return;
	if (control->sessions[session].wire.protocol == WIRE_POSTGRES)
		await_arrival(session);
	else
		inquiry_ask(INQUIRY_SETTLE, session);
	control->world.objects[messages_of(peer)].version++;
	control->world.channel_changes++;
	control->world.progress++;
}

void session_message_replied(uint32_t session, const struct session_request *request)
{
	struct database_session *row = &control->sessions[session];

	row->listens |= request->listens;
	row->notifies |= request->publishes;
	if (!row->notifies || wire_transaction(&row->wire) != WIRE_IDLE)
		return;
	row->notifies = false;
	publish(session);
}
