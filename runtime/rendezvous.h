/*
 * Rendezvous: addresses where tasks meet by sockets, and who has met whom. An address of this machine (a port of the
 * loopback interface or of any, a path, an abstract name) is an object, whether somebody listens there or not, so that
 * binding, listening, connecting and accepting depend on each other. A connection whose two ends are ours is one
 * channel, like a pair of sockets; one to somebody who is not controlled is none.
 *
 * Streams only: datagrams are left to the kernel. See unix(7), tcp(7), accept(2).
 */
#ifndef RACE_RENDEZVOUS_H
#define RACE_RENDEZVOUS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

/* The object of an address, made when it is met first; 0: it is not of this machine, or no stream's. */
uint32_t rendezvous_of(int fd, const struct sockaddr *address, socklen_t length);

/* The object of a bound socket's own address; 0: as above. */
uint32_t rendezvous_local(int fd);

/* The socket listens there from now on: what is done to it is done to the place. */
void rendezvous_listen(int fd, uint32_t place);

/* Has the socket a peer? Who does not wait for a connection (EINPROGRESS) may connect again to hear how it went. */
bool rendezvous_has_peer(int fd);

/* The calling task has connected the socket to the place, or is about to (EINPROGRESS). */
void rendezvous_connect(int fd, uint32_t place);

/* The calling task has accepted this one. False: from somebody who is not controlled. */
bool rendezvous_accept(int fd, uint32_t place);

#endif
