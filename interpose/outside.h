/*
 * Requests to HTTP servers that are not controlled (and no --db): effects, like those of race.h. The name of one is its
 * method and path, its key a digest of its body (see shared/http.h: words with digits in them are alike). It is a step,
 * made when the request is whole, so that a server can't have acted on it before. Methods that only ask (GET, HEAD,
 * OPTIONS, TRACE: RFC 9110, 9.2.1) have no effect. What is no HTTP/1 is not seen, nor what is encrypted,
 * which the result says (`uncontrolled: tls`).
 */
#ifndef RACE_OUTSIDE_H
#define RACE_OUTSIDE_H

#include <sys/socket.h>
#include <sys/types.h>
#include <sys/uio.h>

/* The calling task has connected this socket to somebody who is not controlled, or is about to. */
void outside_connect(int fd, const struct sockaddr *address, socklen_t length);

/* Bytes are about to be sent; and were: the result of the genuine call, or -1. Returns that. */
void outside_send(int fd, const struct iovec *vectors, int nvectors);
ssize_t outside_sent(int fd, const struct iovec *vectors, int nvectors, ssize_t result);

#endif
