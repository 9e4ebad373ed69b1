/* What a socket is known by, whatever its descriptor and process: the kernel's identity of it. */
#ifndef RACE_SOCKET_KEY_H
#define RACE_SOCKET_KEY_H

#include <stdint.h>

/* 0: the descriptor is no socket. */
uint64_t socket_key(int fd);

#endif
