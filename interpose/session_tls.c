#include "session_tls.h"

#include "call.h"

#include <poll.h>
#include <string.h>
#include <sys/socket.h>

#include "session.h"
#include "shared/database.h"
#include "shared/wire/wire.h"
#include "snapshot.h"
#include "sys.h"

enum { VEILS = 64, TEXT_BYTES = 16384, LOOK_BYTES = 65536, PATIENCE_MS = 5000 };

/* A session whose text is told in this process. */
struct veil {
	struct session_tls tls;
	uint64_t key;        /* of the socket; 0: free */
	uint32_t session;
	int fd;
	uint32_t begin, end; /* text that was read and not taken */
	uint32_t ahead;      /* encrypted bytes that the library has had, and that are still in the socket */
	bool closed;         /* nothing more comes */
	struct session_tls_text *text; /* being sent */
};

__thread struct session_tls_place session_tls_place;

static struct veil veils[VEILS];
static uint8_t texts[VEILS][TEXT_BYTES];

/* Only the turn holder looks: at what is in the socket, for whom, and whether the library wanted more than that. */
static uint8_t seen[LOOK_BYTES];
static uint32_t nseen;
static struct veil *looking;
static bool starved;

struct session_tls_place session_tls_begin(const struct session_tls *tls, enum session_tls_task task)
{
	struct session_tls_place outer = session_tls_place;

	session_tls_place = (struct session_tls_place){.tls = *tls, .task = task};
	return outer;
}

void session_tls_end(const struct session_tls_place *outer)
{
	session_tls_place = *outer;
}

static bool is_alive(const struct veil *veil)
{
	const struct database_session *session = &control->sessions[veil->session];

	return veil->key && veil->session <= control->nsessions && session->key == veil->key &&
		session->phase != SESSION_FREE && session->veil == VEIL_LIFTED;
}

static struct veil *veil_of(const struct session_tls *tls)
{
	for (int i = 0; i < VEILS; i++)
		if (veils[i].tls.handle == tls->handle && is_alive(&veils[i]))
			return &veils[i];
	return NULL;
}

static struct veil *veil_on(uint32_t session)
{
	for (int i = 0; control->sessions[session].veil == VEIL_LIFTED && i < VEILS; i++)
		if (veils[i].session == session && is_alive(&veils[i]))
			return &veils[i];
	return NULL;
}

bool session_tls_is(uint32_t session)
{
	return veil_on(session) != NULL;
}

static uint8_t *text_of(const struct veil *veil)
{
	return texts[veil - veils];
}

/* The library begins to encrypt: what has been said so far has led to that, or nothing was. */
static bool lift(int fd, uint32_t session)
{
	struct database_session *row = &control->sessions[session];
	int i = 0;

	if (row->veil != VEIL_AGREED && (row->veil != VEIL_NONE || row->spoken))
		return false;
	while (i < VEILS && is_alive(&veils[i]))
		i++;
	if (i == VEILS)
		return false;
	row->veil = VEIL_LIFTED;
	row->phase = SESSION_OPEN;
	wire_lift(&row->wire);
	veils[i] = (struct veil){.tls = session_tls_place.tls, .key = row->key, .session = session, .fd = fd};
	return true;
}

bool session_tls_carries(int fd, uint32_t session)
{
	if (session_tls_place.task == TLS_IDLE)
		return false;
	const struct veil *veil = veil_of(&session_tls_place.tls);
	return veil ? veil->session == session : lift(fd, session);
}

bool session_tls_awaits(const struct session_tls *tls)
{
	const struct veil *veil = veil_of(tls);
	struct pollfd query = {.fd = veil ? veil->fd : -1, .events = POLLIN};

	return veil && sys_call3(SYS_poll, (long)&query, 1, PATIENCE_MS) > 0;
}

/* What the library does within is guarded, and part of the operation that the task is about. */
static int64_t deliver(struct session_tls_text *text, const struct session_tls *tls)
{
	SESSION_TLS_PLACE(tls, TLS_WORKS);
	struct request outer = task_self()->pending;

	call_user_begin();
	int64_t sent = text->send(text);
	call_user_end();
	point_ensure();
	task_self()->pending = outer;
	return sent > 0 ? sent : -EAGAIN;
}

int64_t session_tls_write(uint32_t session)
{
	struct veil *veil = veil_on(session);

	return deliver(veil->text, &veil->tls);
}

void session_tls_send(const struct session_tls *tls, struct session_tls_text *text)
{
	const struct iovec vector = {(void *)(uintptr_t)text->bytes, text->nbytes};
	struct veil *veil = veil_of(tls);

	if (!veil) {
		deliver(text, tls);
		return;
	}
	veil->text = text;
	session_send_text(veil->fd, veil->session, &vector, 1, 0);
}

/* All text of them is taken. */
static void drain(struct veil *veil)
{
	snapshot_touch(seen, LOOK_BYTES);
	while (veil->ahead > 0) {
		uint32_t most = veil->ahead < LOOK_BYTES ? veil->ahead : LOOK_BYTES;
		long nbytes = sys_call(SYS_recvfrom, veil->fd, (long)seen, most, MSG_DONTWAIT, 0, 0);
		if (nbytes <= 0)
			break;
		veil->ahead -= (uint32_t)nbytes;
	}
	veil->ahead = 0;
}

size_t session_tls_take(const struct session_tls *tls, void *bytes, size_t nbytes, bool looks)
{
	struct veil *veil = veil_of(tls);
	size_t n = veil ? veil->end - veil->begin : 0;

	if (n > nbytes)
		n = nbytes;
	if (n == 0)
		return 0;
	memcpy(bytes, text_of(veil) + veil->begin, n);
	if (looks)
		return n;
	veil->begin += (uint32_t)n;
	session_received_text(veil->session, bytes, n);
	if (veil->begin == veil->end) {
		veil->begin = veil->end = 0;
		drain(veil);
	}
	return n;
}

size_t session_tls_pending(const struct session_tls *tls)
{
	const struct veil *veil = veil_of(tls);

	return veil ? veil->end - veil->begin : 0;
}

void session_tls_received(const struct session_tls *tls, const void *bytes, int64_t nbytes)
{
	const struct veil *veil = nbytes > 0 ? veil_of(tls) : NULL;

	if (veil)
		session_received_text(veil->session, bytes, (size_t)nbytes);
}

void session_tls_forget(const struct session_tls *tls)
{
	struct veil *veil = veil_of(tls);

	if (veil)
		veil->key = 0;
}

static size_t serve(const struct iovec *vectors, int nvectors)
{
	size_t done = 0;

	for (int i = 0; i < nvectors; i++) {
		size_t left = nseen - looking->ahead, n = vectors[i].iov_len < left ? vectors[i].iov_len : left;
		memcpy(vectors[i].iov_base, seen + looking->ahead, n);
		looking->ahead += (uint32_t)n;
		done += n;
	}
	return done;
}

bool session_tls_serves(int fd, const struct iovec *vectors, int nvectors, int64_t *result)
{
	if (session_tls_place.task != TLS_LOOKS || fd != looking->fd)
		return false;
	size_t done = serve(vectors, nvectors);
	starved |= done == 0;
	*result = done ? (int64_t)done : -EAGAIN;
	return true;
}

/* False: the connection has ended. */
static bool look_at_socket(struct veil *veil)
{
	snapshot_touch(seen, LOOK_BYTES);
	long nbytes = sys_call(SYS_recvfrom, veil->fd, (long)seen, LOOK_BYTES, MSG_PEEK | MSG_DONTWAIT, 0, 0);

	nseen = nbytes > (long)veil->ahead ? (uint32_t)nbytes : veil->ahead;
	return nbytes > 0 || nbytes == -EAGAIN || nbytes == -EINTR;
}

/* The library does not hear that the connection has ended: that is for the client. */
static void read_ahead(struct veil *veil)
{
	SESSION_TLS_PLACE(&veil->tls, TLS_LOOKS);
	struct request outer = task_self()->pending;
	int error = self.error;
	int64_t nbytes = 1;

	looking = veil;
	starved = false;
	call_user_begin();
	while (nbytes > 0 && veil->end < TEXT_BYTES) {
		nbytes = veil->tls.read(&veil->tls, text_of(veil) + veil->end, TEXT_BYTES - veil->end);
		veil->end += nbytes > 0 ? (uint32_t)nbytes : 0;
	}
	call_user_end();
	point_ensure();
	veil->closed |= nbytes <= 0 && !starved;
	self.error = error;
	task_self()->pending = outer;
}

static void make_room(struct veil *veil)
{
	memmove(text_of(veil), text_of(veil) + veil->begin, veil->end - veil->begin);
	veil->end -= veil->begin;
	veil->begin = 0;
}

struct session_tls_sight session_tls_look(uint32_t session)
{
	struct veil *veil = veil_on(session);
	bool open = look_at_socket(veil);

	if (veil->begin > 0)
		make_room(veil);
	if (!veil->closed)
		read_ahead(veil);
	if (veil->end == 0)
		drain(veil);
	return (struct session_tls_sight){
		.bytes = text_of(veil),
		.nbytes = veil->end,
		.full = veil->end == TEXT_BYTES,
		.closed = veil->end == 0 && (veil->closed || !open),
	};
}

void session_tls_drop(uint32_t session)
{
	struct veil *veil = veil_on(session);

	if (veil)
		*veil = (struct veil){0};
}
