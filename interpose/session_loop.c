#include "session_loop.h"

#include <poll.h>

#include "control.h"
#include "session.h"
#include "session_reply.h"
#include "shared/wire/wire.h"
#include "socket_key.h"
#include "sys.h"
#include "task.h"

enum { HANG_UP_MS = 1000 };

/* The session of this socket, also when it has ended: the loop may not have heard of that yet. */
static struct database_session *find(int fd)
{
	uint64_t key = control->nsessions ? socket_key(fd) : 0;

	for (uint32_t i = 1; key && i <= control->nsessions; i++)
		if (control->sessions[i].key == key)
			return &control->sessions[i];
	return NULL;
}

static uint32_t here(void)
{
	return task_self()->process + 1;
}

bool session_loop_join(int fd)
{
	struct database_session *session = find(fd);

	if (!session)
		return false;
	session->looped = here();
	session->fd = fd;
	return true;
}

uint32_t session_loop_source(int fd)
{
	const struct database_session *session = find(fd);

	return session && session->looped ? session->object : 0;
}

static bool is_here(const struct database_session *session)
{
	return session->phase != SESSION_FREE && session->looped == here() && socket_key(session->fd) == session->key;
}

bool session_loop_settle(void)
{
	for (uint32_t i = 1; i <= control->nsessions; i++) {
		struct database_session *session = &control->sessions[i];
		if (!session->looped || !is_here(session))
			continue;
		if (session->phase == SESSION_LOST)
			return false;
		if (session->in_flight && wire_is_waiting(&session->wire))
			session_reply_wait(session->fd, i);
	}
	return true;
}

bool session_loop_exists(void)
{
	for (uint32_t i = 1; i <= control->nsessions; i++)
		if (control->sessions[i].looped == here())
			return true;
	return false;
}

void session_loop_end(uint32_t index)
{
	const struct database_session *session = &control->sessions[index];
	struct pollfd query = {.fd = session->fd, .events = POLLIN};

	if (session->looped)
		sys_call3(SYS_poll, (long)&query, 1, HANG_UP_MS);
}
