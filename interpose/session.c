#include "session.h"

#include "call.h"

#include <netinet/in.h>
#include <poll.h>
#include <string.h>
#include <sys/un.h>

#include "channel.h"
#include "external.h"
#include "inquiry.h"
#include "point.h"
#include "record.h"
#include "self.h"
#include "serving.h"
#include "session_fault.h"
#include "session_loop.h"
#include "session_message.h"
#include "session_queue.h"
#include "session_reply.h"
#include "session_request.h"
#include "session_tls.h"
#include "session_write.h"
#include "shared/hash.h"
#include "shared/wire/wire.h"
#include "snapshot.h"
#include "socket_key.h"
#include "sys.h"
#include "task.h"
#include "unit.h"
#include "vclock.h"

enum { START_PATIENCE_MS = 20000, LOOK_MS = 5 };

/* A request under way. */
struct exchange {
	struct external external;
	struct session_request request;
	int fd, flags;
	const struct iovec *vectors;
	int nvectors;
	uint32_t session;
	int64_t sent; /* bytes, or a negative errno */
	bool begun;   /* it has been sent */
	enum choice_fault fault;
};

uint32_t session_of(int fd)
{
	uint64_t key = control->nsessions ? socket_key(fd) : 0;

	for (uint32_t i = 1; key && i <= control->nsessions; i++)
		if (control->sessions[i].key == key)
			return control->sessions[i].phase == SESSION_FREE ? 0 : i;
	return 0;
}

/* An address of IPv4 as a socket of IPv6 has it: Java's sockets are such. */
static bool is_mapped(const struct sockaddr_in *own, const struct sockaddr_in6 *address, socklen_t length)
{
	return length >= sizeof *address && IN6_IS_ADDR_V4MAPPED(&address->sin6_addr) &&
		address->sin6_port == own->sin_port && address->sin6_addr.s6_addr32[3] == own->sin_addr.s_addr;
}

/* Unix addresses are the same up to the end of their path. */
static bool is_peer(const struct database_peer *peer, const struct sockaddr *address, socklen_t length)
{
	const struct sockaddr *own = (const struct sockaddr *)peer->address;

	if (own->sa_family == AF_INET && address->sa_family == AF_INET6)
		return is_mapped((const struct sockaddr_in *)own, (const struct sockaddr_in6 *)address, length);
	if (own->sa_family != address->sa_family)
		return false;
	if (own->sa_family == AF_UNIX)
		return strncmp(((const struct sockaddr_un *)own)->sun_path, ((const struct sockaddr_un *)address)->sun_path,
			peer->naddress - sizeof own->sa_family) == 0;
	return length >= peer->naddress && memcmp(own, address, peer->naddress) == 0;
}

/* A loop may not have heard yet that its session has ended: such rows come last. */
static uint32_t free_row(uint64_t key)
{
	uint32_t row = 0, last = 0;

	for (uint32_t i = 1; i <= control->nsessions; i++) {
		const struct database_session *session = &control->sessions[i];
		if (session->key == key)
			return i;
		if (session->phase == SESSION_FREE && !session->inherited)
			*(session->looped ? &last : &row) = i;
	}
	if (row == 0 && control->nsessions + 1 < DATABASE_SESSIONS)
		row = ++control->nsessions;
	return row ? row : last;
}

static uint32_t find_peer(const struct sockaddr *address, socklen_t length)
{
	uint32_t peer = 0;

	while (peer < control->npeers && !is_peer(&control->peers[peer], address, length))
		peer++;
	return peer;
}

bool session_has_peer(const struct sockaddr *address, socklen_t length)
{
	return find_peer(address, length) < control->npeers;
}

void session_connect(int fd, const struct sockaddr *address, socklen_t length)
{
	uint32_t peer = find_peer(address, length);
	uint64_t key = peer < control->npeers ? socket_key(fd) : 0;
	uint32_t row = key ? free_row(key) : 0;
	if (row == 0)
		return;
	const char *name = control->text + control->peers[peer].name;
	struct database_session *session = &control->sessions[row];
	*session = (struct database_session){
		.key = key,
		.phase = SESSION_OPEN,
		.peer = peer,
		.unit = serving_unit(),
		.process = control_process,
		.socket = fd,
		.object = object_small(OBJECT_CONNECTION, session),
		.database = object_global(OBJECT_DATABASE, hash_text(name) + peer, name),
	};
	wire_open(&session->wire, (enum wire_protocol)control->peers[peer].protocol);
	self.connected = row;
}

bool session_is_greeted(void)
{
	uint32_t row = self.connected;

	self.connected = 0;
	return row && row <= control->nsessions && wire_state(&control->sessions[row].wire) == WIRE_STARTING;
}

/* Others whose statements wait for locks may go on in the server by now: they are done or blocked before anybody acts. */
static void settle_others(uint32_t session)
{
	for (uint32_t i = 1; i <= control->nsessions; i++)
		if (i != session && control->sessions[i].in_flight && control->sessions[i].phase != SESSION_FREE) {
			inquiry_ask(INQUIRY_SETTLE, session);
			return;
		}
}

static bool is_ready(struct external *external)
{
	(void)external;
	return true; /* it is not known before it has been sent */
}

/* What the server never hears of is undone there, and recorded so. */
static bool lose(struct exchange *exchange)
{
	struct database_session *session = &control->sessions[exchange->session];

	session->reply = (struct database_reply){.code = 1, .closed = true};
	session_fault_cut(exchange->fd, exchange->session);
	session_reply_record(exchange->session);
	exchange->sent = session_request_length(exchange->vectors, exchange->nvectors);
	exchange->external.result = session_reply_result(&session->reply);
	settle_others(exchange->session);
	return true;
}

/* The server does not hear this: the goodbye of a session that lives on, or that a statement of it is not needed any more. */
static bool is_spared(const struct session_request *request)
{
	return control->sessions[request->session].inherited && (request->ends || request->ncloses > 0);
}

/* For those who want to know whether anybody else has asked the server for something. */
static void count(const struct session_request *request, bool whole)
{
	struct database_peer *peer = &control->peers[control->sessions[request->session].peer];

	peer->nasked += request->nasked;
	peer->nunclear += !whole || request->marks & (SESSION_MARK_ANYTHING | SESSION_MARK_DEFINES);
}

static int64_t send_or_spare(int fd, const struct session_request *request, const struct iovec *vectors, int nvectors,
	int flags)
{
	if (is_spared(request) && request->nothers > 0)
		snapshot_lose_session(SESSION_LOSS_ENDED); /* the rest it must hear */
	if (is_spared(request))
		return session_request_length(vectors, nvectors);
	int64_t sent = session_tls_is(request->session) ? session_tls_write(request->session) :
		session_write(fd, vectors, nvectors, flags);
	count(request, sent == session_request_length(vectors, nvectors));
	return sent;
}

/* As if the server had hung up; what it undoes then others may wait for. */
static void end_spared(uint32_t session)
{
	struct database_session *row = &control->sessions[session];

	row->reply.closed = true;
	if (row->transaction != WIRE_IDLE || row->marks & SESSION_MARK_ANYTHING)
		inquiry_ask(INQUIRY_END, session);
}

static void await_end(const struct exchange *exchange)
{
	if (is_spared(&exchange->request))
		end_spared(exchange->session);
	else if (control->sessions[exchange->session].transaction != WIRE_IDLE)
		session_reply_await_end(exchange->fd, exchange->session);
}

static void send_now(struct exchange *exchange)
{
	exchange->begun = true;
	if (exchange->request.drops)
		inquiry_ask(INQUIRY_LEAVES, exchange->request.drops - 1);
	if (exchange->request.makes)
		inquiry_ask(INQUIRY_ARRIVES, exchange->request.makes - 1);
	exchange->sent = send_or_spare(exchange->fd, &exchange->request, exchange->vectors, exchange->nvectors, exchange->flags);
	if (exchange->sent < 0)
		return;
	struct database_session *session = &control->sessions[exchange->session];
	session->reply = (struct database_reply){0};
	session->in_flight = 1;
	session_request_sent(exchange->session, exchange->vectors, exchange->nvectors, (size_t)exchange->sent);
}

/* What is behind all that can be looked at is recorded when the client has taken it. */
static bool finish(struct exchange *exchange)
{
	struct database_session *session = &control->sessions[exchange->session];

	if (exchange->sent >= 0 && (!wire_is_waiting(&session->wire) || session->reply.closed))
		session_reply_record(exchange->session);
	if (exchange->sent >= 0 && exchange->request.makes && session->reply.code == 0 && !wire_is_waiting(&session->wire))
		inquiry_ask(INQUIRY_ARRIVED, exchange->request.makes - 1);
	if (exchange->sent >= 0 && session->reply.victim)
		point_tell(CHOICE_VICTIM, session->reply.victim);
	exchange->external.result = exchange->sent < 0 ? exchange->sent : session_reply_result(&session->reply);
	exchange->external.digest = exchange->sent < 0 ? 0 : session->reply.digest;
	if (exchange->sent >= 0 && exchange->fault == FAULT_REPLY_LOST)
		session_fault_cut(exchange->fd, exchange->session);
	if (exchange->sent >= 0)
		session_message_replied(exchange->session, &exchange->request);
	settle_others(exchange->session);
	return true;
}

static bool attempt(struct external *external)
{
	struct exchange *exchange = (struct exchange *)external;

	if (!exchange->begun) {
		if (!exchange->request.ends) {
			session_queue_wait(exchange->session, &external->request);
			exchange->fault = session_fault_choose(exchange->session, exchange->request.last);
		}
		if (exchange->fault == FAULT_REQUEST_LOST)
			return lose(exchange);
		send_now(exchange);
		if (exchange->request.ends && exchange->sent >= 0)
			await_end(exchange);
	}
	if (task_self()->flags & TASK_EXPIRED)
		inquiry_ask(INQUIRY_EXPIRE, exchange->session);
	if (exchange->sent >= 0 && !session_reply_wait(exchange->fd, exchange->session) &&
		!control->sessions[exchange->session].looped)
		return false; /* an event loop goes on, see session_loop.h */
	return finish(exchange);
}

static bool sleep_reply(struct external *external)
{
	struct pollfd query = {.fd = ((const struct exchange *)external)->fd, .events = POLLIN};

	sys_call3(SYS_poll, (long)&query, 1, -1);
	return false;
}

static int64_t send_bytes(int fd, const struct session_request *request, const struct iovec *vectors, int nvectors, int flags)
{
	int64_t sent = send_or_spare(fd, request, vectors, nvectors, flags);

	if (sent > 0)
		session_request_sent(request->session, vectors, nvectors, (size_t)sent);
	return sent;
}

/* Waits a moment for that. Encrypted bytes need not be an answer. */
static bool has_answered(int fd, uint32_t session)
{
	struct pollfd query = {.fd = fd, .events = POLLIN};
	bool arrived = sys_call3(SYS_poll, (long)&query, 1, LOOK_MS) > 0;

	if (!arrived || !session_tls_is(session))
		return arrived;
	struct session_tls_sight sight = session_tls_look(session);
	return sight.nbytes > 0 || sight.closed;
}

/* The turn is kept while the server answers what belongs to connecting. */
static int64_t send_start(int fd, uint32_t session, const struct iovec *vectors, int nvectors, int flags)
{
	const struct session_request request = {.session = session};
	int64_t sent = send_bytes(fd, &request, vectors, nvectors, flags);

	if (!wire_is_waiting(&control->sessions[session].wire))
		return sent;
	for (int waited = 0; sent >= 0 && waited < START_PATIENCE_MS && !has_answered(fd, session); waited += LOOK_MS)
		;
	return sent;
}

/* Commands that wait until others give them something: only tasks do, and time passes as in all other waits. */
static void wait_for_others(struct request *request, uint64_t patience_ns)
{
	request->flags = patience_ns == UINT64_MAX ? 0 : REQUEST_TIMED | REQUEST_PATIENT;
	request->deadline_ns = patience_ns == UINT64_MAX ? 0 : vclock_after(patience_ns);
}

static int64_t send_request(int fd, uint32_t session, const struct iovec *vectors, int nvectors, int flags,
	const struct session_request *request)
{
	struct exchange exchange = {
		.external = {.is_ready = is_ready, .attempt = attempt, .sleep = sleep_reply},
		.request = *request, .fd = fd, .flags = flags, .vectors = vectors, .nvectors = nvectors, .session = session,
	};
	struct database_session *row = &control->sessions[session];

	unit_touches();
	row->statement = request->last;
	row->counts = request->counts;
	memcpy(row->named, request->named, sizeof row->named);
	row->unit = serving_unit();
	exchange.external.request = call_request(OP_DB_STATEMENT, row->database);
	exchange.external.request.second = row->object;
	exchange.external.request.statement = request->statement;
	exchange.external.request.flags = REQUEST_OUTSIDE; /* the client library's site is as good as any */
	if (request->patience_ns)
		wait_for_others(&exchange.external.request, request->patience_ns);
	external_perform(&exchange.external);
	if (request->ends) {
		if (!is_spared(request))
			session_loop_end(session);
		row->phase = SESSION_FREE;
	}
	return exchange.sent;
}

int64_t session_send_text(int fd, uint32_t session, const struct iovec *vectors, int nvectors, int flags)
{
	struct session_request request;

	if (wire_state(&control->sessions[session].wire) == WIRE_STARTING)
		return send_start(fd, session, vectors, nvectors, flags);
	session_request_read(&request, session, vectors, nvectors);
	control->sessions[session].marks |= request.marks;
	control->session_marks |= request.marks;
	if (request.executes || request.ends)
		return send_request(fd, session, vectors, nvectors, flags, &request);
	return send_bytes(fd, &request, vectors, nvectors, flags);
}

/* Encrypted bytes. */
static int64_t send_through(int fd, const struct iovec *vectors, int nvectors, int flags)
{
	int64_t sent = session_write(fd, vectors, nvectors, flags);

	point_ensure();
	return sent;
}

/* Nobody whom we see has encrypted these bytes. */
static void hide(struct database_session *row)
{
	if (row->veil != VEIL_HIDES)
		control_uncontrolled(UNCONTROLLED_TLS, self.site, "");
	control->peers[row->peer].nunclear++;
	row->veil = VEIL_HIDES;
	row->phase = SESSION_LOST;
}

int64_t session_send(int fd, uint32_t session, const struct iovec *vectors, int nvectors, int flags)
{
	struct database_session *row = &control->sessions[session];

	if (session_tls_carries(fd, session))
		return send_through(fd, vectors, nvectors, flags);
	row->spoken = 1;
	if (row->veil == VEIL_NONE)
		return session_send_text(fd, session, vectors, nvectors, flags);
	hide(row);
	return send_through(fd, vectors, nvectors, flags);
}

void session_received_text(uint32_t session, const void *bytes, size_t nbytes)
{
	serving_resume(control->sessions[session].unit);
	session_reply_consume(session, bytes, nbytes);
}

void session_received(int fd, uint32_t session, const void *bytes, size_t nbytes)
{
	if (!session_tls_carries(fd, session) && control->sessions[session].veil == VEIL_NONE)
		session_received_text(session, bytes, nbytes);
}

void session_received_all(int fd, uint32_t session, const struct iovec *vectors, int nvectors, size_t nbytes)
{
	for (int i = 0; i < nvectors && nbytes > 0; i++) {
		size_t length = vectors[i].iov_len < nbytes ? vectors[i].iov_len : nbytes;
		session_received(fd, session, vectors[i].iov_base, length);
		nbytes -= length;
	}
}
