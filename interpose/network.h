/*
 * The guard of the network: what shared/network.h forbids ends the execution, and with it the campaign. Where there is
 * no guard (race run, the bare preload) these functions do nothing.
 */
#ifndef RACE_NETWORK_H
#define RACE_NETWORK_H

#include <stdbool.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include "shared/network.h"

/* The socket is about to be connected there. Does not return when that is beyond what is allowed. */
void network_connect(int fd, const struct sockaddr *address, socklen_t length);

/* It has been, or is about to be (EINPROGRESS): does not return when a database server that no --db names answers. */
void network_connected(int fd, const struct sockaddr *address, socklen_t length);

/* Must databases be named by --db? */
bool network_watches_databases(void);

/* A session with the server at this address is about to work on a database that no --db names: does not return. */
_Noreturn void network_refuse_database(const struct sockaddr *address, socklen_t length, const char *database,
	enum database_server server);

/* This is about to go to somebody who is not controlled: the same by what is said. */
void network_send(int fd, const struct iovec *vectors, int nvectors);

#endif
