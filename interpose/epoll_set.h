/*
 * What is registered in an epoll set, as the kernel tells it (/proc/self/fdinfo): true whoever has registered it, over
 * fork and exec.
 */
#ifndef RACE_EPOLL_SET_H
#define RACE_EPOLL_SET_H

#include <stdbool.h>
#include <stdint.h>

struct registration {
	int fd;
	uint32_t events; /* of EPOLLONESHOT that is spent, none is left but that */
	uint64_t data;
	uint64_t device, inode;
};

struct epoll_set {
	int fd;
	uint32_t n;
	struct registration *rows;
};

/* Reads it; valid until the next one is read, by whoever has the turn. */
void epoll_set_read(struct epoll_set *set, int fd);

/* The registration whose event this is. NULL: several have the same data, or it is none of these. */
const struct registration *epoll_set_find(const struct epoll_set *set, uint64_t data);

/* The source that it is; 0: it is none, or its event could not be given back. */
uint32_t epoll_set_source(const struct registration *registration);

/*
 * The same for what a server serves: the reply of a session, a request, somebody who connects. Others may be meant, too: to
 * hold one back is to say that the network was slow.
 */
uint32_t epoll_set_served(const struct registration *registration);

/* Are all of them sources, each with data of its own? Then more may be taken than the caller has room for. */
bool epoll_set_is_whole(const struct epoll_set *set);

/* Gives an event back that was taken: the next wait finds it, if it is still so. False: that can't be. */
bool epoll_set_return(const struct epoll_set *set, const struct registration *registration);

#endif
