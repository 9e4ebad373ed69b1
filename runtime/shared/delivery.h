/*
 * Which of the events that are ready are delivered to a task that waits on many descriptors.
 *
 * The kernel says what is ready; some of it (sources) may as well have come a little later. Each source is then a choice
 * of its own: its event is delivered, or held back until the task waits again (CHOICE_HOLD). That is how
 * single-threaded event loops interleave what they serve (Davis, Thekumparampil and Lee, "Node.fz: Fuzzing the
 * server-side event-driven architecture", EuroSys 2017). Of a list whose order means nothing, as epoll gives it, any
 * source's event may be the first (CHOICE_EVENT); the others stay in the order of the kernel. Other permutations come
 * about by holding back.
 *
 * Sources are timers that are due right now, and channels that one task alone has used so far, the one that waits: what
 * it sends itself stands for what a network brings. What other tasks send is no source. They go sooner or later, which
 * is a choice already; and to hold it back besides would show a program what can't be: of two messages sent one after
 * the other it would get the second without the first.
 *
 * At least one event is delivered, so one that is alone is no choice; and none is held back more than DELIVERY_HOLDS
 * times in a row. (Where the task has less room than there are events: before all the others that have waited so long.)
 */
#ifndef RACE_SHARED_DELIVERY_H
#define RACE_SHARED_DELIVERY_H

#include <stdbool.h>
#include <stdint.h>

#include "choice.h"
#include "world.h"

enum {
	DELIVERY_SOURCES = 64, /* in one wait; what is ready beyond these is delivered as it comes */
	DELIVERY_HOLDS = 4,
};

struct delivery {
	uint32_t n;
	uint32_t first; /* index + 1 of the source whose event comes before all others; 0: as the kernel has them */
	struct delivery_source {
		int fd;
		uint32_t object;
		bool held;
	} sources[DELIVERY_SOURCES];
};

/* A question about a source: 0 or 1. */
struct delivery_question {
	uint32_t (*ask)(const struct delivery_question *question, enum choice_kind kind, uint32_t object);
};

/* A task has done something to a channel: written, closed, changed; or read from it. */
void delivery_use(struct world *world, uint32_t object, uint32_t task, bool reads);

/* Has it alone used the channel? */
bool delivery_is_own(const struct world *world, uint32_t object, uint32_t task);

/* Adds a descriptor that is ready, once; in the order in which the task will see them. Object 0: no source. */
void delivery_add(struct delivery *delivery, int fd, uint32_t object);

/*
 * Decides about all sources. The task has room for so many events; when there are more sources, those that don't fit
 * are held back, and only which comes first is a choice. `ordered`: it sees them in the order in which they are
 * delivered.
 */
void delivery_decide(struct delivery *delivery, struct world *world, uint32_t room, bool ordered,
	const struct delivery_question *question);

/* Holds all of them back, as no choice. */
void delivery_postpone(struct delivery *delivery);

/* Is what this descriptor has held back? */
bool delivery_is_held(const struct delivery *delivery, int fd);

/* Does it come before all others? */
bool delivery_is_first(const struct delivery *delivery, int fd);

#endif
