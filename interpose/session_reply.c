#include "session_reply.h"

#include <string.h>
#include <sys/socket.h>

#include "abi/sqlite.h"
#include "control.h"
#include "record.h"
#include "self.h"
#include "shared/hash.h"
#include "sys.h"

enum { HEAD = 5, LOOK_BYTES = 65536, ABI_CONSTRAINT = 19 };

/* Only the turn holder looks. */
static uint8_t seen[LOOK_BYTES];

static uint32_t big(const uint8_t *at)
{
	return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

/* SQLSTATE in the terms that traces have for errors: whether another try may help, or a constraint was in the way. */
static uint32_t code_of(const uint8_t *body, uint32_t nbytes)
{
	for (uint32_t at = 0; at < nbytes && body[at]; at += (uint32_t)strnlen((const char *)body + at, nbytes - at) + 1) {
		const char *state = (const char *)body + at + 1;
		if (body[at] != 'C' || nbytes - at < 6)
			continue;
		if (strncmp(state, "40", 2) == 0 || strncmp(state, "55P03", 5) == 0)
			return ABI_SQLITE_BUSY;
		return strncmp(state, "23", 2) == 0 ? ABI_CONSTRAINT : 1;
	}
	return 1;
}

/* CommandComplete: "UPDATE 1", "INSERT 0 1", "SELECT 3", "COMMIT". */
static void read_tag(struct session_reply *reply, const char *tag, uint32_t nbytes)
{
	uint32_t number = 0;

	if (nbytes == 0 || tag[nbytes - 1] != 0)
		return;
	if (strncmp(tag, "ROLLBACK", 8) == 0)
		reply->rolled_back = true;
	if (strncmp(tag, "INSERT", 6) != 0 && strncmp(tag, "UPDATE", 6) != 0 && strncmp(tag, "DELETE", 6) != 0 &&
		strncmp(tag, "MERGE", 5) != 0)
		return;
	for (const char *at = strrchr(tag, ' '); at && *++at >= '0' && *at <= '9';)
		number = number * 10 + (uint32_t)(*at - '0');
	reply->changes += number;
}

static void read_message(struct session_reply *reply, uint8_t type, const uint8_t *body, uint32_t nbytes)
{
	switch (type) {
	case 'Z':
		reply->nready++;
		reply->transaction = nbytes > 0 ? body[0] : 'I';
		break;
	case 'C':
		read_tag(reply, (const char *)body, nbytes);
		break;
	case 'E':
		reply->code = code_of(body, nbytes);
		break;
	case 'D':
		reply->digest = hash_bytes(reply->digest ? reply->digest : HASH_START, body, nbytes);
		break;
	default:
		break;
	}
}

static bool read_all(struct session_reply *reply, const struct database_stream *stream, size_t nbytes, uint32_t wanted)
{
	size_t at = stream->left < nbytes ? stream->left : nbytes;

	*reply = (struct session_reply){.nbytes = (uint32_t)nbytes, .transaction = 'I'};
	while (nbytes - at >= HEAD) {
		size_t length = (size_t)big(seen + at + 1) + 1;
		uint8_t type = seen[at];
		if (type == 'G')
			return true; /* the client shall send what to copy */
		if (length < HEAD || length > nbytes - at)
			break;
		read_message(reply, type, seen + at + HEAD, (uint32_t)(length - HEAD));
		at += length;
	}
	return (wanted > 0 && reply->nready >= wanted) || nbytes == LOOK_BYTES;
}

bool session_reply_peek(struct session_reply *reply, int fd, uint32_t session)
{
	const struct database_session *row = &control->sessions[session];
	long nbytes = sys_call(SYS_recvfrom, fd, (long)seen, LOOK_BYTES, MSG_PEEK | MSG_DONTWAIT, 0, 0);

	if (nbytes == 0 || (nbytes < 0 && nbytes != -11 && nbytes != -4)) {
		*reply = (struct session_reply){.closed = true, .transaction = 'I', .code = row->wanted > 0};
		return true;
	}
	return nbytes > 0 && read_all(reply, &row->from_server, (size_t)nbytes, row->wanted);
}

int64_t session_reply_result(const struct session_reply *reply)
{
	if (reply->code)
		return reply->code;
	return reply->digest ? ABI_SQLITE_ROW : ABI_SQLITE_OK;
}

void session_reply_record(const struct session_reply *reply, uint32_t index)
{
	struct database_session *session = &control->sessions[index];
	bool ended = reply->transaction == 'I' && (session->transaction != 'I' || reply->changes > 0);
	struct record_transaction record = {
		.database = session->database,
		.connection = session->object,
		.state = reply->transaction == 'I' ? 0 : 2,
		.ended = !ended ? 0 : reply->code || reply->rolled_back || reply->closed ? 2 : 1,
		.changes = reply->changes,
		.error = reply->code,
		.statement = session->statement,
		.autocommit = reply->transaction == 'I',
	};

	session->transaction = reply->transaction;
	record_transaction(&record);
}

/* Messages whose content matters while connecting: the number of the server's process, and that it is ready. */
static void note_start(struct database_session *session, uint8_t type, const uint8_t *body, size_t nbytes)
{
	if (type == 'K' && nbytes >= 4)
		session->backend = (int32_t)big(body);
	if (type == 'Z' && session->phase == SESSION_STARTING)
		session->phase = SESSION_READY;
	if (type == 'Z' && session->wanted > 0)
		session->wanted--;
}

void session_reply_consume(struct database_session *session, const void *bytes, size_t nbytes)
{
	struct database_stream *stream = &session->from_server;
	const uint8_t *at = bytes;

	if (session->answer && nbytes > 0) {
		session->answer = 0;
		if (*at == 'S') {
			session->phase = SESSION_LOST;
			control_uncontrolled(UNCONTROLLED_TLS, self.site, "");
		}
		at++, nbytes--;
	}
	while (nbytes > 0 && session->phase != SESSION_LOST) {
		if (stream->left > 0) {
			size_t length = stream->left < nbytes ? stream->left : nbytes;
			stream->left -= (uint32_t)length;
			at += length, nbytes -= length;
			continue;
		}
		stream->head[stream->nhead++] = *at++;
		nbytes--;
		if (stream->nhead < HEAD)
			continue;
		stream->nhead = 0;
		stream->left = big(stream->head + 1) - 4;
		note_start(session, stream->head[0], at, nbytes < stream->left ? nbytes : stream->left);
	}
}
