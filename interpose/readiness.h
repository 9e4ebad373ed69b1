/*
 * Waiting until one of several descriptors is ready: what poll, select and epoll share.
 */
#ifndef RACE_READINESS_H
#define RACE_READINESS_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

#include "external.h"

enum { READINESS_OBJECTS = 2 };

/*
 * A wait. The caller fills in external.is_ready, .attempt and .sleep, and adds its descriptors. When attempt is called
 * in the end, all that is ready is delivered at once: this is where a choice of events (CHOICE_EVENT) belongs.
 */
struct readiness {
	struct external external;
	uint32_t objects[READINESS_OBJECTS];
	uint32_t nobjects; /* more than READINESS_OBJECTS: any channel */
	bool outside;      /* among them one whose other end is not known */
	bool foreign;      /* among them one that only the genuine call can wait for */
};

void readiness_add(struct readiness *readiness, int fd);

/* Any channel may be meant: an epoll descriptor. */
void readiness_add_all(struct readiness *readiness);

/*
 * Waits, at most for a span of virtual time (negative: for ever; 0: looks only, and gives way to others when that is
 * done again and again). 0: attempt has been successful; ETIMEDOUT; EINTR.
 */
int readiness_wait(struct readiness *readiness, int64_t span_ns);

/* The signals that are let in during a wait (NULL: as before). Handlers of those that came run before the mask is back. */
struct readiness_mask {
	bool changed;
	uint64_t before;
};
void readiness_mask_set(struct readiness_mask *mask, const sigset_t *during);
void readiness_mask_restore(const struct readiness_mask *mask);

#endif
