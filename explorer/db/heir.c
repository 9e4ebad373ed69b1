#include "heir.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "shared/wire/wire.h"

enum { PATIENCE_MS = 2000, PIECE_BYTES = 16384, LEAST_BYTES = 64, MOST_BYTES = 1 << 22 };

/* A reply as bytes; NULL: nobody wants them. */
struct reply {
	uint8_t *bytes;
	size_t nbytes, room;
};

const struct heir_server *heir_server_of(uint32_t protocol)
{
	return protocol == WIRE_POSTGRES ? &heir_postgres : protocol == WIRE_MYSQL ? &heir_mariadb : NULL;
}

static void note(void *context, const struct wire_event *event)
{
	bool *failed = context;

	if ((event->kind == WIRE_RESULT && event->status == WIRE_ERROR) || event->kind == WIRE_LEFT)
		*failed = true;
}

static int send_all(struct heir *heir, const char *bytes, size_t nbytes)
{
	bool failed = false;

	wire_sent(&heir->wire, bytes, nbytes, (struct wire_visitor){note, &failed});
	for (size_t at = 0; at < nbytes;) {
		ssize_t sent = send(heir->fd, bytes + at, nbytes - at, MSG_NOSIGNAL | MSG_DONTWAIT);
		struct pollfd query = {.fd = heir->fd, .events = POLLOUT};
		if (sent < 0 && errno != EINTR && (errno != EAGAIN || poll(&query, 1, PATIENCE_MS) <= 0))
			return -1;
		at += sent > 0 ? (size_t)sent : 0;
	}
	return failed ? -1 : 0;
}

int heir_send(struct heir *heir, const char *bytes, size_t nbytes)
{
	heir->counts->nasked++;
	return send_all(heir, bytes, nbytes);
}

int heir_say_all(struct heir *heir, const char *const *statements, size_t n)
{
	size_t room = 0, nbytes = 0;

	for (size_t i = 0; i < n; i++)
		room += strlen(statements[i]) + LEAST_BYTES;
	char *bytes = malloc(room + 1);
	if (!bytes)
		return -1;
	for (size_t i = 0; i < n; i++)
		nbytes += heir_server_of(heir->wire.protocol)->encode(statements[i], bytes + nbytes, room - nbytes);
	heir->counts->nasked += n;
	int code = send_all(heir, bytes, nbytes);
	free(bytes);
	return code;
}

int heir_say(struct heir *heir, const char *sql)
{
	return heir_say_all(heir, &sql, 1);
}

static int append(struct reply *reply, const void *bytes, size_t nbytes)
{
	if (reply->nbytes + nbytes > reply->room) {
		size_t room = 2 * (reply->nbytes + nbytes);
		uint8_t *grown = room <= MOST_BYTES ? realloc(reply->bytes, room) : NULL;
		if (!grown)
			return -1;
		reply->bytes = grown;
		reply->room = room;
	}
	memcpy(reply->bytes + reply->nbytes, bytes, nbytes);
	reply->nbytes += nbytes;
	return 0;
}

/* What has arrived, at most a piece: its length, 0: the server has hung up, or nothing came in time. */
static size_t receive(int fd, void *bytes, size_t nbytes, int patience_ms)
{
	struct pollfd query = {.fd = fd, .events = POLLIN};
	ssize_t got = recv(fd, bytes, nbytes, MSG_DONTWAIT);

	if (got < 0 && errno == EAGAIN && patience_ms > 0 && poll(&query, 1, patience_ms) > 0)
		got = recv(fd, bytes, nbytes, MSG_DONTWAIT);
	return got > 0 ? (size_t)got : 0;
}

static int hear(struct heir *heir, struct reply *reply)
{
	uint8_t piece[PIECE_BYTES];
	bool failed = false;

	while (wire_is_waiting(&heir->wire)) {
		size_t nbytes = receive(heir->fd, piece, sizeof piece, PATIENCE_MS);
		if (nbytes == 0 || (reply && append(reply, piece, nbytes) < 0))
			return -1;
		wire_received(&heir->wire, piece, nbytes, (struct wire_visitor){note, &failed});
	}
	return failed ? -1 : 0;
}

int heir_hear(struct heir *heir)
{
	return hear(heir, NULL);
}

char *heir_ask(struct heir *heir, const char *sql)
{
	struct reply reply = {0};
	const char *text;
	size_t length;
	char *value = NULL;

	if (heir_say(heir, sql) == 0 && hear(heir, &reply) == 0 &&
		heir_server_of(heir->wire.protocol)->value(heir, reply.bytes, reply.nbytes, &text, &length))
		value = strndup(text, length);
	free(reply.bytes);
	return value;
}

int heir_run(struct heir *heir, const char *sql)
{
	return heir_say(heir, sql) < 0 ? -1 : heir_hear(heir);
}

enum session_loss heir_open(struct heir *heir, const struct database_session *row, struct database_peer *peers)
{
	const struct heir_server *server = heir_server_of(row->wire.protocol);

	if (!server)
		return SESSION_LOSS_PROTOCOL;
	heir->key = row->key;
	heir->backend = row->backend;
	heir->peer = row->peer;
	heir->counts = &peers[row->peer];
	heir->wire = row->wire;
	if (row->marks & server->hidden)
		return SESSION_LOSS_HOLDS;
	if (server->ask(heir, &heir->state) < 0)
		return SESSION_LOSS_UNCLEAR;
	return heir->state ? SESSION_LOSS_NONE : SESSION_LOSS_HOLDS;
}

void heir_close(struct heir *heir)
{
	close(heir->fd);
	free(heir->state);
}

/* The client has been told of these bytes, and has not taken them. */
static int skip_seen(struct heir *heir, struct database_session *row)
{
	uint8_t piece[PIECE_BYTES];

	while (row->seen > 0) {
		size_t nbytes = receive(heir->fd, piece, row->seen < sizeof piece ? row->seen : sizeof piece, 0);
		if (nbytes == 0)
			return -1;
		row->seen -= (uint32_t)nbytes;
	}
	return 0;
}

/* Also what nobody has asked for, such as notices. */
int heir_settle(struct heir *heir, struct database_session *row)
{
	uint8_t piece[PIECE_BYTES];
	bool over = wire_state(&row->wire) == WIRE_ENDED, failed = false;

	if (row->phase == SESSION_LOST || wire_is_sending(&row->wire) || (over && row->in_flight) || skip_seen(heir, row) < 0)
		return -1;
	for (;;) {
		bool waiting = wire_is_waiting(&row->wire);
		size_t nbytes = receive(heir->fd, piece, sizeof piece, waiting ? PATIENCE_MS : 0);
		if (nbytes == 0 && waiting)
			return -1;
		if (nbytes == 0)
			break;
		wire_received(&row->wire, piece, nbytes, (struct wire_visitor){note, &failed});
	}
	row->in_flight = 0;
	row->marks |= failed ? SESSION_MARK_FAILED : 0;
	return over || wire_state(&row->wire) == WIRE_READY ? 0 : -1;
}
