/*
 * Channels: what is behind a descriptor, as far as tasks can wait for each other there: pipes, eventfds, connected
 * sockets, named pipes. They are known by the kernel's identity (device and inode; eventfds by their number), the same
 * in every process and for every duplicate. What is in them and who has their ends is asked of the kernel, each time.
 */
#ifndef RACE_CHANNEL_H
#define RACE_CHANNEL_H

#include <stdbool.h>
#include <stdint.h>

enum channel_kind {
	CHANNEL_NONE,    /* regular files and the like never block; sockets to elsewhere are not modelled */
	CHANNEL_INSIDE,  /* made by a task of ours: operations on it are steps */
	CHANNEL_OUTSIDE, /* a pipe, terminal or the like from outside: only waiting for it is a step, with no object */
	CHANNEL_SOCKET,  /* of somebody who is not controlled */
	CHANNEL_SET,     /* an epoll descriptor */
	CHANNEL_TIMER,   /* a timerfd; its object changes when it is set */
};

/* What this descriptor is. *object: of channels that have one, else 0. */
enum channel_kind channel_of(int fd, uint32_t *object);

/* The object of this very end of a channel, which may stand for it: the two sockets of a pair have one each. */
uint32_t channel_end(int fd, uint32_t object);

/* The kernel's identity of what is behind a descriptor; 0: nothing. */
uint64_t channel_identity(int fd);

/* Opens what the kernel tells of a descriptor (/proc/self/fdinfo), to be read; negative errno. */
int channel_open_info(int fd);

/* The calling task has just made this channel; the two sockets of a pair are one channel. Its object, or 0. */
uint32_t channel_new(int fd);
void channel_pair(int fd, int other);

/* The socket behind the descriptor is one more end of a channel that exists. */
void channel_join(int fd, uint32_t object);

/* A key that is none of the kernel's identities: a number within a kind of things. */
uint64_t channel_key(uint64_t kind, uint64_t number);

/* The channel that goes by this key; 0: none, unless it is to be made. An alias begins anew what its key names. */
uint32_t channel_by_key(uint64_t key, bool make);
void channel_alias(uint64_t key, uint32_t object);

/* The calling task has just made this descriptor, which is no channel itself: CHANNEL_SET or CHANNEL_TIMER. */
void channel_mark(int fd, enum channel_kind kind);

/* These numbers are, or will be, free for something else. */
void channel_forget(unsigned int first, unsigned int last);

/* Something has been done to the channel, by a call that is no operation of its own. */
void channel_touch(uint32_t object);

/* Can one of these events (of poll) be had now? Errors and hang-ups count. */
bool channel_is_ready(int fd, short events);

/* Calls visit for each open descriptor from first to last. */
void channel_each(unsigned int first, unsigned int last, void (*visit)(int fd, void *state), void *state);

/* Touches all channels that this process has open: with `cloexec` only those that exec closes. */
void channel_touch_all(bool cloexec);

/* This process is about to end: closes all descriptors, as the kernel will do, but under the turn. */
void channel_leave(void);

#endif
