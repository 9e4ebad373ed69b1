#include "session_reply.h"

#include <poll.h>
#include <string.h>
#include <sys/socket.h>

#include "abi/sqlite.h"
#include "control.h"
#include "inquiry.h"
#include "record.h"
#include "self.h"
#include "session_name.h"
#include "session_tls.h"
#include "shared/hash.h"
#include "snapshot.h"
#include "sys.h"

enum { LOOK_BYTES = 65536, HANG_UP_MS = 5000, BRIEF_NS = 300000, LONG_NS = 5000000, ABI_CONSTRAINT = 19, MYSQL_LOCK_TIMEOUT = 1205, MYSQL_DEADLOCK = 1213,
	MYSQL_LOCK_NOWAIT = 3572 };

/* Only the turn holder looks. */
static uint8_t looked_at[LOOK_BYTES];

/* Errors in the terms that traces have for them: whether another try may help, or a constraint was in the way. */
static uint32_t code_of(const struct wire_event *event)
{
	if (strncmp(event->code, "40", 2) == 0 || strcmp(event->code, "55P03") == 0 ||
		event->number == MYSQL_LOCK_TIMEOUT || event->number == MYSQL_LOCK_NOWAIT)
		return ABI_SQLITE_BUSY;
	return strncmp(event->code, "23", 2) == 0 ? ABI_CONSTRAINT : 1;
}

static uint32_t victim_of(const struct wire_event *event)
{
	if (event->number == MYSQL_DEADLOCK)
		return VICTIM_MYSQL;
	return strcmp(event->code, "40P01") == 0 ? VICTIM_POSTGRES : VICTIM_NONE;
}

static void note_result(struct database_reply *reply, const struct wire_event *event)
{
	reply->changes += (uint32_t)event->affected;
	if (event->digest)
		reply->digest =
			reply->digest ? hash_bytes(reply->digest, &event->digest, sizeof event->digest) : event->digest;
	if (event->status == WIRE_ERROR) {
		reply->code = code_of(event);
		reply->victim = victim_of(event);
	}
	if (event->status == WIRE_NULL)
		reply->null = true;
}

static bool is_undoing(struct wire_text text)
{
	static const char *const words[] = {"rollback", "abort", "discard"};

	for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
		size_t n = 0;
		while (words[i][n] && n < text.nbytes && (text.bytes[n] | 0x20) == words[i][n])
			n++;
		if (words[i][n] == '\0')
			return true;
	}
	return false;
}

static void note_left(struct database_session *session, const struct wire_event *event)
{
	if (event->state == WIRE_ENDED)
		return;
	session->phase = SESSION_LOST;
	control->peers[session->peer].nunclear++;
	if (event->state == WIRE_ENCRYPTED)
		session->veil = VEIL_AGREED; /* who does it is seen when something is sent, see session_tls.h */
	else
		control_uncontrolled(UNCONTROLLED_SESSION, self.site, wire_reason(&session->wire));
}

static void tell(void *context, const struct wire_event *event)
{
	struct database_session *session = context;

	switch (event->kind) {
	case WIRE_SESSION:
		session->backend = (int32_t)event->backend;
		session_name_login(session, event);
		break;
	case WIRE_STATEMENT:
		session->reply.undoes |= event->act == WIRE_QUERY && is_undoing(event->text);
		break;
	case WIRE_RESULT:
		note_result(&session->reply, event);
		session->marks |= event->status == WIRE_ERROR ? SESSION_MARK_FAILED : 0;
		break;
	case WIRE_LEFT:
		note_left(session, event);
		break;
	default:
		break;
	}
}

struct wire_visitor session_reply_visitor(struct database_session *session)
{
	return (struct wire_visitor){tell, session};
}

/* What the client has not yet taken hides that the server has closed the connection behind it. */
static bool is_left(int fd)
{
	struct pollfd query = {.fd = fd, .events = POLLRDHUP};

	return sys_call3(SYS_poll, (long)&query, 1, 0) > 0 && query.revents & (POLLRDHUP | POLLHUP | POLLERR);
}

/* In the clear: what is in the socket. */
static struct session_tls_sight look(int fd)
{
	snapshot_touch(looked_at, LOOK_BYTES);
	long nbytes = sys_call(SYS_recvfrom, fd, (long)looked_at, LOOK_BYTES, MSG_PEEK | MSG_DONTWAIT, 0, 0);

	return (struct session_tls_sight){
		.bytes = looked_at,
		.nbytes = nbytes > 0 ? (size_t)nbytes : 0,
		.full = nbytes == LOOK_BYTES,
		.closed = nbytes == 0 || (nbytes < 0 && nbytes != -11 && nbytes != -4),
	};
}

bool session_reply_peek(int fd, uint32_t session)
{
	struct database_session *row = &control->sessions[session];
	bool left = row->seen > 0 && is_left(fd);
	struct session_tls_sight sight = session_tls_is(session) ? session_tls_look(session) : look(fd);

	if (sight.closed || (left && sight.nbytes == row->seen)) {
		row->reply.closed = true;
		if (wire_is_waiting(&row->wire) && row->reply.code == 0)
			row->reply.code = 1;
		return true;
	}
	if (sight.nbytes > row->seen) {
		wire_received(&row->wire, (const uint8_t *)sight.bytes + row->seen, sight.nbytes - row->seen,
			session_reply_visitor(row));
		row->seen = (uint32_t)sight.nbytes;
	}
	return !wire_is_waiting(&row->wire) || sight.full;
}

static bool is_kept_back(int fd, uint32_t session)
{
	return inquiry_ask(INQUIRY_BLOCKED, session) == 1 && !session_reply_peek(fd, session) &&
		inquiry_ask(INQUIRY_BLOCKED, session) == 1;
}

/*
 * Has another session of this server a transaction or a statement, and with it locks, or some that outlive both? Redis'
 * commands wait for more than locks.
 */
static bool may_be_kept_back(uint32_t session)
{
	if (control->sessions[session].wire.protocol == WIRE_RESP)
		return true;
	for (uint32_t i = 1; i <= control->nsessions; i++) {
		const struct database_session *other = &control->sessions[i];
		if (i != session && other->phase != SESSION_FREE && other->peer == control->sessions[session].peer &&
			(other->in_flight || other->transaction != WIRE_IDLE ||
				other->marks & (SESSION_MARK_LOCKS | SESSION_MARK_ANYTHING)))
			return true;
	}
	return false;
}

/* Most replies are there sooner than race could say whether they are kept back. */
bool session_reply_wait(int fd, uint32_t session)
{
	struct timespec brief = {.tv_nsec = may_be_kept_back(session) ? BRIEF_NS : LONG_NS};

	for (;;) {
		struct pollfd query = {.fd = fd, .events = POLLIN};
		if (session_reply_peek(fd, session))
			return true;
		if (control->sessions[session].seen == 0 && sys_call(SYS_ppoll, (long)&query, 1, (long)&brief, 0, 8, 0) > 0 &&
			session_reply_peek(fd, session))
			return true;
		if (is_kept_back(fd, session))
			return false;
	}
}

void session_reply_await_end(int fd, uint32_t session)
{
	struct pollfd query = {.fd = fd, .events = POLLRDHUP};

	sys_call3(SYS_poll, (long)&query, 1, HANG_UP_MS);
	inquiry_ask(INQUIRY_END, session);
}

int64_t session_reply_result(const struct database_reply *reply)
{
	if (reply->code)
		return reply->code;
	return reply->digest ? ABI_SQLITE_ROW : ABI_SQLITE_OK;
}

/* Redis tells few commands' changes: of others that write something was changed when they replied anything. */
static uint32_t changes_of(const struct database_session *session)
{
	const struct database_reply *reply = &session->reply;
	uint8_t kind = session->statement ? control->statements[session->statement].kind : STATEMENT_UNKNOWN;

	if (session->wire.protocol != WIRE_RESP || session->counts || kind == STATEMENT_UNKNOWN)
		return reply->changes;
	return kind == STATEMENT_WRITE && !reply->code && !reply->null;
}

void session_reply_record(uint32_t index)
{
	struct database_session *session = &control->sessions[index];
	struct database_reply *reply = &session->reply;
	reply->changes = changes_of(session);
	bool idle = reply->closed || wire_transaction(&session->wire) == WIRE_IDLE;
	bool ended = idle && (session->transaction != WIRE_IDLE || reply->changes > 0);
	bool refused = idle && reply->null && session->transaction != WIRE_IDLE; /* what was watched has changed */

	if (refused)
		reply->code = ABI_SQLITE_BUSY;
	bool undone = reply->code || reply->undoes || reply->closed || session->transaction == WIRE_FAILED;
	struct record_transaction record = {
		.database = session->database,
		.connection = session->object,
		.state = idle ? 0 : 2,
		.ended = !ended ? TRANSACTION_GOES_ON : undone ? TRANSACTION_ROLLED_BACK : TRANSACTION_COMMITTED,
		.changes = reply->changes,
		.error = reply->code,
		.statement = session->statement,
		.autocommit = idle,
	};

	session->transaction = idle ? WIRE_IDLE : wire_transaction(&session->wire);
	session->in_flight = 0;
	record_transaction(&record);
	if (session->named[0] && reply->changes > 0 && !reply->code)
		record_value(session->statement, 'k', session->named);
	session->named[0] = '\0';
}

void session_reply_consume(uint32_t index, const void *bytes, size_t nbytes)
{
	struct database_session *session = &control->sessions[index];
	size_t known = session->seen < nbytes ? session->seen : nbytes;

	session->seen -= (uint32_t)known;
	if (nbytes > known)
		wire_received(&session->wire, (const uint8_t *)bytes + known, nbytes - known,
			session_reply_visitor(session));
	if (session->in_flight && !wire_is_waiting(&session->wire))
		session_reply_record(index);
}
