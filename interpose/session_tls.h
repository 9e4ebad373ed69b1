/*
 * Sessions with database servers that a library of the program encrypts (TLS). What it is given to encrypt, and what it
 * has decrypted, is the text of the session, and takes the way that bytes in the clear take: requests are scheduling points
 * before they are encrypted, replies are told as they are read. The encrypted bytes are none of that.
 *
 * Which socket a library's session is on is learned from what it sends and receives within its calls, so that it does
 * not matter how it was told. A library that is given the bytes by the program (memory BIOs) touches no socket: its
 * sessions stay unseen, and are named when the first encrypted bytes leave.
 *
 * A reply is read before the client asks for it, so that it is known when its request is done. The library decrypts it then,
 * but the encrypted bytes are left in the socket until the client has taken all of the text: who waits for the socket
 * finds it readable as long as there is text.
 *
 * A cipher's state is memory of the program and moves with each byte. Such sessions never live on from one execution to
 * another (runtime/inherited.h).
 */
#ifndef RACE_SESSION_TLS_H
#define RACE_SESSION_TLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/uio.h>

/* A session of a library, and how more of its text is read: as much as there is, or 0 or less: none. */
struct session_tls {
	void *handle;
	int64_t (*read)(const struct session_tls *tls, void *bytes, size_t nbytes);
	void *genuine; /* for the above */
};

/* Text that the client wants to send. `send` gives it to the library: bytes taken, or 0 or less: none. */
struct session_tls_text {
	int64_t (*send)(struct session_tls_text *text);
	const void *bytes;
	size_t nbytes;
};

/* What this thread is doing: the library works on one of its sessions, or on none. */
enum session_tls_task { TLS_IDLE, TLS_WORKS, TLS_LOOKS };

struct session_tls_place {
	struct session_tls tls;
	enum session_tls_task task;
};

extern __thread struct session_tls_place session_tls_place __attribute__((tls_model("initial-exec")));

/* Around a call of the library. The place that was is kept, and put back also when the call is left by a jump. */
struct session_tls_place session_tls_begin(const struct session_tls *tls, enum session_tls_task task);
void session_tls_end(const struct session_tls_place *outer);

#define SESSION_TLS_PLACE(tls, task) \
	const struct session_tls_place outer_place __attribute__((cleanup(session_tls_end), unused)) = \
		session_tls_begin(tls, task)

/* Waits, for some time, until something has arrived on the socket. False: nothing has, or it is no session's. */
bool session_tls_awaits(const struct session_tls *tls);

/* Sends text: on a session by way of its scheduling point, else at once. */
void session_tls_send(const struct session_tls *tls, struct session_tls_text *text);

/* Text that has been read already: how much of it was taken, or only looked at. */
size_t session_tls_take(const struct session_tls *tls, void *bytes, size_t nbytes, bool looks);
size_t session_tls_pending(const struct session_tls *tls);

/* The library has read this for the client. */
void session_tls_received(const struct session_tls *tls, const void *bytes, int64_t nbytes);

/* The library's session is gone, or another one now. */
void session_tls_forget(const struct session_tls *tls);

/* Are bytes that go over this socket now encrypted ones of the library that works here? */
bool session_tls_carries(int fd, uint32_t session);

/*
 * The library asks for encrypted bytes while a reply is read ahead: those that lie in the socket are told, and stay there.
 * True: `result` is what to return, a negative errno for nothing.
 */
bool session_tls_serves(int fd, const struct iovec *vectors, int nvectors, int64_t *result);

/* Is the text of this session told? The following are for those of which it is. */
bool session_tls_is(uint32_t session);

/* Sends what session_tls_send is about. Bytes sent, or a negative errno. */
int64_t session_tls_write(uint32_t session);

/* The text that has been read and not taken. */
struct session_tls_sight {
	const void *bytes;
	size_t nbytes;
	bool full;   /* more may have come */
	bool closed; /* nothing more will */
};
struct session_tls_sight session_tls_look(uint32_t session);

/* Its connection is cut: what was read is not to be had any more. */
void session_tls_drop(uint32_t session);

#endif
