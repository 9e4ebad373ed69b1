#include "heirs.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

#include "db/heir.h"
#include "shared/wire/wire.h"

/* What a session was called that has been given up. */
struct ended {
	uint32_t peer;
	int32_t backend;
};

struct heirs {
	struct control *control;
	int door;    /* -1: there is none */
	int process; /* pidfd of the process that has them, -1 */
	bool unheard; /* what calms them has been said, see heirs_calm() */
	uint32_t n, nended;
	struct heir items[DATABASE_HEIRS];
	struct ended ended[DATABASE_HEIRS];
};

static int open_door(const char *folder)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int length = snprintf(address.sun_path, sizeof address.sun_path, "%s" DATABASE_DOOR, folder);
	int door = length < (int)sizeof address.sun_path ? socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0) : -1;

	if (door >= 0 && bind(door, (const struct sockaddr *)&address, sizeof address) == 0)
		return door;
	if (door >= 0)
		close(door);
	return -1;
}

struct heirs *heirs_open(struct control *control)
{
	struct heirs *heirs = calloc(1, sizeof *heirs);

	if (!heirs)
		return NULL;
	heirs->control = control;
	heirs->process = -1;
	heirs->door = open_door(control->settings.folder);
	return heirs;
}

void heirs_close(struct heirs *heirs)
{
	if (!heirs)
		return;
	heirs_drop(heirs);
	if (heirs->door >= 0)
		close(heirs->door);
	free(heirs);
}

void heirs_drop(struct heirs *heirs)
{
	for (uint32_t i = 0; i < heirs->n; i++) {
		if (heirs->nended < DATABASE_HEIRS)
			heirs->ended[heirs->nended++] = (struct ended){heirs->items[i].peer, heirs->items[i].backend};
		heir_close(&heirs->items[i]);
	}
	heirs->n = 0;
	heirs->unheard = false;
	if (heirs->process >= 0)
		close(heirs->process);
	heirs->process = -1;
	heirs->control->inherits = INHERITS_NOTHING;
}

bool heirs_exist(struct heirs *heirs)
{
	struct pollfd query = {.fd = heirs->process, .events = POLLIN};

	if (heirs->process >= 0 && poll(&query, 1, 0) != 0) /* it has ended */
		heirs_drop(heirs);
	return heirs->process >= 0;
}

/* Indexes of rows, and with them as many descriptors. */
static bool receive(struct heirs *heirs, uint32_t n, uint32_t *indexes, int *fds)
{
	union {
		struct cmsghdr head;
		char room[CMSG_SPACE(DATABASE_HEIRS * sizeof(int))];
	} rights;
	struct iovec vector = {indexes, DATABASE_HEIRS * sizeof *indexes};
	struct msghdr header = {.msg_iov = &vector, .msg_iovlen = 1, .msg_control = &rights, .msg_controllen = sizeof rights};
	ssize_t nbytes = recvmsg(heirs->door, &header, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
	const struct cmsghdr *head = nbytes > 0 ? CMSG_FIRSTHDR(&header) : NULL;
	size_t got = head && head->cmsg_type == SCM_RIGHTS ? (head->cmsg_len - CMSG_LEN(0)) / sizeof(int) : 0;

	if (got > 0)
		memcpy(fds, CMSG_DATA(head), got * sizeof(int));
	if (got == n && nbytes == (ssize_t)(n * sizeof *indexes))
		return true;
	for (size_t i = 0; i < got; i++)
		close(fds[i]);
	return false;
}

static enum session_loss take(struct heirs *heirs, uint32_t n)
{
	uint32_t indexes[DATABASE_HEIRS];
	int fds[DATABASE_HEIRS];
	enum session_loss loss = SESSION_LOSS_NONE;

	if (n > DATABASE_HEIRS || !receive(heirs, n, indexes, fds))
		return SESSION_LOSS_DOOR;
	for (uint32_t i = 0; i < n; i++)
		heirs->items[heirs->n++] = (struct heir){.index = indexes[i] % DATABASE_SESSIONS, .fd = fds[i]};
	for (uint32_t i = 0; i < n && loss == SESSION_LOSS_NONE; i++)
		loss = heir_open(&heirs->items[i], &heirs->control->sessions[heirs->items[i].index], heirs->control->peers);
	return loss;
}

enum session_loss heirs_take(struct heirs *heirs, uint32_t n)
{
	heirs_drop(heirs);
	enum session_loss loss = n > 0 ? take(heirs, n) : SESSION_LOSS_NONE;
	heirs->process = (int)syscall(SYS_pidfd_open, heirs->control->main_pid, 0);
	if (loss == SESSION_LOSS_NONE && heirs->process < 0)
		loss = SESSION_LOSS_DOOR;
	if (loss != SESSION_LOSS_NONE) {
		heirs_drop(heirs);
		heirs->nended = 0; /* their rows tell of them */
	}
	return loss;
}

/* The row that the last execution has left of it; NULL: that execution had others. */
static struct database_session *row_of(struct heirs *heirs, const struct heir *heir)
{
	struct database_session *row = &heirs->control->sessions[heir->index];

	return row->inherited && row->key == heir->key ? row : NULL;
}

static bool is_used(const struct database_session *row, bool flying)
{
	return row && row->marks && (row->in_flight != 0) == flying;
}

static int calm_say(struct heirs *heirs, bool flying)
{
	int code = 0;

	for (uint32_t i = 0; code == 0 && i < heirs->n; i++) {
		struct database_session *row = row_of(heirs, &heirs->items[i]);
		if (!is_used(row, flying))
			continue;
		code = heir_settle(&heirs->items[i], row);
		row->in_flight = flying; /* until it has been heard */
		if (code == 0)
			code = heir_server_of(row->wire.protocol)->calm(&heirs->items[i], wire_transaction(&row->wire) != WIRE_IDLE,
				row->marks);
	}
	return code;
}

static int calm_hear(struct heirs *heirs, bool flying)
{
	int code = 0;

	for (uint32_t i = 0; code == 0 && i < heirs->n; i++)
		if (is_used(row_of(heirs, &heirs->items[i]), flying))
			code = heir_hear(&heirs->items[i]);
	return code;
}

/* As it is with plain statements: all are told before the first answer is awaited. */
static int calm_all(struct heirs *heirs, bool flying)
{
	return calm_say(heirs, flying) < 0 ? -1 : calm_hear(heirs, flying);
}

static int mend_odd(struct heir *heir, struct database_session *row)
{
	int code = 0;

	if (heir_is_odd(row->marks))
		code = heir_server_of(heir->wire.protocol)->mend(heir, row, row->marks);
	row->marks = row->in_flight = 0;
	row->wire.transaction = WIRE_IDLE;
	return code;
}

/* First those that others may wait for, then the waiting ones. */
static int repair_all(struct heirs *heirs)
{
	int code = heirs->unheard ? calm_hear(heirs, false) : calm_all(heirs, false) < 0 ? -1 : calm_all(heirs, true);

	heirs->unheard = false;
	for (uint32_t i = 0; code == 0 && i < heirs->n; i++) {
		struct database_session *row = row_of(heirs, &heirs->items[i]);
		if (row && row->marks)
			code = mend_odd(&heirs->items[i], row);
	}
	return code;
}

void heirs_end(struct heirs *heirs)
{
	if (heirs->process >= 0)
		syscall(SYS_pidfd_send_signal, heirs->process, SIGKILL, NULL, 0);
	heirs_drop(heirs);
}

static void give_up(struct heirs *heirs)
{
	struct control *control = heirs->control;

	control->snapshot_loss = SNAPSHOT_LOSS_SESSION;
	control->snapshot_detail = SESSION_LOSS_REPAIR;
	control->nlosses++;
	heirs_end(heirs);
}

/* Nobody says anything unasked, unless the server ends the session. */
static bool are_quiet(const struct heirs *heirs)
{
	struct pollfd queries[DATABASE_HEIRS];

	for (uint32_t i = 0; i < heirs->n; i++)
		queries[i] = (struct pollfd){.fd = heirs->items[i].fd, .events = POLLIN | POLLRDHUP};
	return poll(queries, heirs->n, 0) == 0;
}

/* Nothing is left of them that a look at the server could see. */
static bool are_at_ease(struct heirs *heirs)
{
	for (uint32_t i = 0; i < heirs->n; i++) {
		const struct database_session *row = row_of(heirs, &heirs->items[i]);
		if (row && row->marks && (row->in_flight || heir_is_odd(row->marks) || row->marks & SESSION_MARK_FAILED ||
				wire_transaction(&row->wire) != WIRE_IDLE))
			return false;
	}
	return true;
}

void heirs_calm(struct heirs *heirs)
{
	if (!heirs_exist(heirs) || heirs->unheard)
		return;
	if (!are_at_ease(heirs))
		heirs_repair(heirs);
	else if (calm_say(heirs, false) < 0)
		give_up(heirs);
	else
		heirs->unheard = true;
}

void heirs_repair(struct heirs *heirs)
{
	if (heirs_exist(heirs) && (repair_all(heirs) < 0 || !are_quiet(heirs)))
		give_up(heirs);
}

int heirs_repair_one(struct heirs *heirs, uint32_t session)
{
	for (uint32_t i = 0; i < heirs->n; i++) {
		struct heir *heir = &heirs->items[i];
		struct database_session *row = heir->index == session ? row_of(heirs, heir) : NULL;
		if (!row)
			continue;
		uint32_t marks = row->marks | SESSION_MARK_CHANGES | SESSION_MARK_NUMBERS | SESSION_MARK_FAILED;
		if (heir_settle(heir, row) < 0 ||
			heir_server_of(heir->wire.protocol)->calm(heir, row->transaction != WIRE_IDLE, marks) < 0 ||
			heir_hear(heir) < 0)
			return -1;
		return mend_odd(heir, row);
	}
	return -1;
}

uint32_t heirs_take_ended(struct heirs *heirs, uint32_t peer, int32_t *backends)
{
	uint32_t n = 0, nleft = 0;

	for (uint32_t i = 0; i < heirs->nended; i++) {
		if (heirs->ended[i].peer == peer)
			backends[n++] = heirs->ended[i].backend;
		else
			heirs->ended[nleft++] = heirs->ended[i];
	}
	heirs->nended = nleft;
	return n;
}
