/*
 * Waiting until one of several descriptors is ready: what poll, select and epoll share.
 */
#ifndef RACE_READINESS_H
#define RACE_READINESS_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

#include "external.h"
#include "shared/delivery.h"

enum { READINESS_OBJECTS = 2 };

/*
 * A wait. The caller fills in external.is_ready, .attempt and .sleep, and adds its descriptors. What of that which is
 * ready is delivered now, attempt asks readiness_decide.
 */
struct readiness {
	struct external external;
	uint32_t objects[READINESS_OBJECTS];
	uint32_t nobjects; /* more than READINESS_OBJECTS: any channel */
	bool outside;      /* among them one whose other end is not known */
	bool foreign;      /* among them one that only the genuine call can wait for */
	bool converses;    /* among them the end of a connection on which HTTP may be spoken */
	bool looks;        /* the time-out is 0 */
};

void readiness_add(struct readiness *readiness, int fd);

/* Any channel may be meant: an epoll descriptor. */
void readiness_add_all(struct readiness *readiness);

/*
 * Waits, at most for a span of virtual time (negative: for ever; 0: looks only, and gives way to others when that is
 * done again and again). 0: attempt has been successful; ETIMEDOUT; EINTR, also when a signal is due at a mere look.
 */
int readiness_wait(struct readiness *readiness, int64_t span_ns);

/* What this descriptor, which is ready, is a source of (shared/delivery.h); 0: it is none. */
uint32_t readiness_source(int fd);

/*
 * Decides what is delivered (shared/delivery.h); the sources have been added, in order. poll and select say of each
 * descriptor whether it is ready, in no order (`room` 0): one that only looks is a question about how things are, and is
 * answered in full. epoll gives a list with room for so many.
 */
void readiness_decide(struct readiness *readiness, struct delivery *delivery, uint32_t room);

/*
 * The signals that are let in during a wait (NULL: as before). Only those that end it (EINTR) are handled before the mask
 * is back; where something was ready they stay pending, as Linux has it.
 */
struct readiness_mask {
	bool changed;
	uint64_t before;
};
void readiness_mask_set(struct readiness_mask *mask, const sigset_t *during);
void readiness_mask_restore(const struct readiness_mask *mask, int error);

/* The same around a genuine call that sleeps: what is sent meanwhile is held for this task, if it lets it in now. */
#define READINESS_MASKED(during, call) \
	({ \
		struct readiness_mask mask; \
		readiness_mask_set(&mask, during); \
		int64_t slept = call_slept(call); \
		readiness_mask_restore(&mask, slept < 0 ? self.error : 0); \
		(int)slept; \
	})

#endif
