#include "inherited.h"

#include <stddef.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "control.h"
#include "inquiry.h"
#include "opened.h"
#include "shared/wire/wire.h"
#include "socket_key.h"
#include "sys.h"

enum { MOST_DESCRIPTORS = 4096 };

/* In shared memory: it outlives what is put back. */
static struct inherited {
	uint32_t n;
	int fds[DATABASE_HEIRS];
	uint32_t indexes[DATABASE_HEIRS];
	uint32_t nsessions, marks;
	struct database_session sessions[DATABASE_SESSIONS];
} *inherited;

/* A message with descriptors, as sendmsg() takes it. */
struct parcel {
	struct sockaddr_un door;
	struct iovec vector;
	struct msghdr header;
	union {
		struct cmsghdr head;
		char room[CMSG_SPACE(DATABASE_HEIRS * sizeof(int))];
	} rights;
};

static uint32_t row_of(uint64_t key)
{
	for (uint32_t i = 1; key && i <= control->nsessions; i++)
		if (control->sessions[i].key == key && control->sessions[i].phase != SESSION_FREE)
			return i;
	return 0;
}

/* Nothing has arrived that the client has not taken. */
static bool is_read(int fd, const struct database_session *session)
{
	char byte;

	return session->seen == 0 &&
		sys_call(SYS_recvfrom, fd, (long)&byte, sizeof byte, MSG_PEEK | MSG_DONTWAIT, 0, 0) < 0;
}

static enum session_loss look(int fd, const struct database_session *session)
{
	const struct wire *wire = &session->wire;

	/* a cipher's state is memory of the program, and put back; the server's goes on */
	if (session->phase != SESSION_OPEN || wire_state(wire) != WIRE_READY || session->veil != VEIL_NONE)
		return SESSION_LOSS_UNCLEAR;
	if (session->looped)
		return SESSION_LOSS_LOOP;
	if (wire_transaction(wire) != WIRE_IDLE)
		return SESSION_LOSS_TRANSACTION;
	if (session->in_flight || wire_is_waiting(wire) || wire_is_sending(wire) || !is_read(fd, session))
		return SESSION_LOSS_UNREAD;
	return SESSION_LOSS_NONE;
}

/* Of two descriptors of one socket neither can be closed without a look at the other. */
static enum session_loss add(int fd, uint32_t row)
{
	if (inherited->n == DATABASE_HEIRS)
		return SESSION_LOSS_MANY;
	for (uint32_t i = 0; i < inherited->n; i++)
		if (inherited->indexes[i] == row)
			return SESSION_LOSS_MANY;
	inherited->fds[inherited->n] = fd;
	inherited->indexes[inherited->n++] = row;
	return look(fd, &control->sessions[row]);
}

static enum session_loss find(void)
{
	enum session_loss loss = SESSION_LOSS_NONE;

	for (int fd = 0; loss == SESSION_LOSS_NONE && fd < MOST_DESCRIPTORS; fd++) {
		uint32_t row = opened_has_state(fd) ? row_of(socket_key(fd)) : 0;
		if (row)
			loss = add(fd, row);
	}
	return loss;
}

/* A folder with a longer name has no door. */
static bool find_door(struct sockaddr_un *door)
{
	static const char name[] = DATABASE_DOOR;
	size_t length = strlen(control->settings.folder);

	if (length + sizeof name > sizeof door->sun_path)
		return false;
	door->sun_family = AF_UNIX;
	memcpy(door->sun_path, control->settings.folder, length);
	memcpy(door->sun_path + length, name, sizeof name);
	return true;
}

static bool pass(void)
{
	struct parcel parcel = {.vector = {inherited->indexes, inherited->n * sizeof *inherited->indexes}};
	size_t nbytes = inherited->n * sizeof *inherited->fds;

	parcel.header = (struct msghdr){.msg_name = &parcel.door, .msg_namelen = sizeof parcel.door, .msg_iov = &parcel.vector,
		.msg_iovlen = 1, .msg_control = &parcel.rights, .msg_controllen = CMSG_SPACE(nbytes)};
	parcel.rights.head = (struct cmsghdr){.cmsg_len = CMSG_LEN(nbytes), .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS};
	memcpy(CMSG_DATA(&parcel.rights.head), inherited->fds, nbytes);
	long fd = find_door(&parcel.door) ? sys_call3(SYS_socket, AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0) : -1;
	if (fd < 0)
		return false;
	long sent = sys_call3(SYS_sendmsg, fd, (long)&parcel.header, MSG_DONTWAIT | MSG_NOSIGNAL);
	sys_close((int)fd);
	return sent >= 0;
}

/* From now on what is done to them counts as what can be undone. */
static void keep(void)
{
	for (uint32_t i = 0; i < inherited->n; i++) {
		struct database_session *session = &control->sessions[inherited->indexes[i]];
		session->inherited = 1;
		session->marks = 0;
		opened_spare(inherited->fds[i]);
	}
	inherited->nsessions = control->nsessions;
	inherited->marks = control->session_marks;
	memcpy(inherited->sessions, control->sessions, (control->nsessions + 1ul) * sizeof *control->sessions);
}

enum session_loss inherited_open(void)
{
	enum session_loss loss;

	if (control->npeers == 0)
		return SESSION_LOSS_NONE;
	inherited = sys_map(NULL, sizeof *inherited, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (!inherited)
		return SESSION_LOSS_MANY;
	loss = find();
	if (loss == SESSION_LOSS_NONE && inherited->n > 0 && !pass())
		loss = SESSION_LOSS_DOOR;
	if (loss == SESSION_LOSS_NONE)
		loss = (enum session_loss)inquiry_ask(INQUIRY_INHERIT, inherited->n);
	if (loss == SESSION_LOSS_NONE)
		keep();
	else
		inherited->n = 0;
	return loss;
}

void inherited_load(void)
{
	if (!inherited)
		return;
	control->nsessions = inherited->nsessions;
	control->session_marks = inherited->marks;
	memcpy(control->sessions, inherited->sessions, (inherited->nsessions + 1ul) * sizeof *control->sessions);
}

bool inherited_has_prepared(uint32_t session, uint32_t id)
{
	const struct wire *wire = inherited ? &inherited->sessions[session].wire : NULL;

	for (uint32_t i = 0; wire && i < WIRE_PREPARED; i++)
		if (wire->prepared[i].key == (uint64_t)id + 1)
			return true;
	return false;
}

void inherited_close(bool over)
{
	if (!inherited || !control->inherits)
		return;
	inherited->n = 0;
	for (uint32_t i = 1; i <= control->nsessions; i++)
		control->sessions[i].inherited = 0;
	inquiry_ask(INQUIRY_FORGET, over);
	control->inherits = INHERITS_NOTHING;
}

static uint32_t find_fd(long fd)
{
	for (uint32_t i = 0; inherited && i < inherited->n; i++)
		if (inherited->fds[i] == fd && opened_is_old(fd))
			return inherited->indexes[i];
	return 0;
}

bool inherited_is(long fd)
{
	return find_fd(fd) != 0;
}

bool inherited_has_ended(long fd)
{
	return control->sessions[find_fd(fd)].phase == SESSION_FREE;
}
