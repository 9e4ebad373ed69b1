/*
 * epoll descriptors.
 */
#ifndef RACE_EPOLL_H
#define RACE_EPOLL_H

#include <stdbool.h>

/* Has something been added to this set that only the genuine call can wait for? */
bool epoll_is_foreign(int fd);

#endif
