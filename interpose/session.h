/*
 * Sessions with database servers that --db names: sockets whose requests are scheduling points.
 *
 * A request that a client sends is announced before its bytes leave. It is done when its reply has arrived, which the
 * client then finds at once; or, while the server keeps it waiting for a lock that another task's session has, the
 * task is blocked and the turn goes on. The bytes themselves are never changed.
 *
 * What is said on one is decoded by shared/wire/wire.h, by the protocol of the peer. What a client sends while it connects
 * (and authenticates) is no step; the turn is kept until the server has answered. Nor is what the server does nothing
 * with yet: the beginning of a message, the data of a COPY. Of a reply longer than the kernel holds at once the rest is
 * followed as the client takes it.
 */
#ifndef RACE_SESSION_H
#define RACE_SESSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/uio.h>

/* The calling task has connected this socket, or is about to: it is a session when the address is a server's. */
void session_connect(int fd, const struct sockaddr *address, socklen_t length);

/*
 * Libraries sleep between a connect() and what the server says then (libmariadb does each time). Nobody else can notice
 * what the task does meanwhile, so such a sleep, one for each connect(), needs no turn. True: this is one.
 */
bool session_is_greeted(void);

/* Is this the address of a server that --db names? */
bool session_has_peer(const struct sockaddr *address, socklen_t length);

/* Its index; 0: the descriptor is no session. */
uint32_t session_of(int fd);

/* Sends bytes of the client. Bytes sent, or a negative errno. */
int64_t session_send(int fd, uint32_t session, const struct iovec *vectors, int nvectors, int flags);

/* The client has received these bytes. */
void session_received(int fd, uint32_t session, const void *bytes, size_t nbytes);

/* The same of bytes spread over buffers. */
void session_received_all(int fd, uint32_t session, const struct iovec *vectors, int nvectors, size_t nbytes);

/* The same of text that a library encrypts and has decrypted (session_tls.h). */
int64_t session_send_text(int fd, uint32_t session, const struct iovec *vectors, int nvectors, int flags);
void session_received_text(uint32_t session, const void *bytes, size_t nbytes);

#endif
