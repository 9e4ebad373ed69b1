/*
 * signalfd, for signals that are held in the world. What the program gets is an eventfd that stands for it: whoever is
 * about to ask the kernel what is ready first makes it readable, or not, as the signals are that the asking task could
 * read. Reading it takes them from the world.
 *
 * Signals that only the kernel knows of (from outside) count, too. A program that inherits such a descriptor over exec
 * finds an eventfd.
 */
#ifndef RACE_SIGNALFD_H
#define RACE_SIGNALFD_H

#include <poll.h>
#include <stdbool.h>
#include <sys/types.h>
#include <sys/uio.h>

/* Makes those of this process as ready as they are. To be called before the kernel is asked. */
void signalfd_settle(void);

/* poll(2) for ever, for one who has not the turn. */
void signalfd_poll(struct pollfd *fds, nfds_t nfds);

/* Is there one in this process, which select has to look at now and then? */
bool signalfd_exists(void);

/* Is this one? Then reading it is: bytes, or a negative errno. */
bool signalfd_is(int fd);
ssize_t signalfd_read(int fd, const struct iovec *vectors, int nvectors, bool guarded);

/* signalfd4 of the kernel: a descriptor, or a negative errno. */
int signalfd_make(int fd, const void *mask, size_t nbytes, int flags);

#endif
