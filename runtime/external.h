/*
 * Operations that the kernel decides and that may have to wait: reading and writing pipes, polling, locking files.
 * Performed under the turn, without sleeping; see shared/model/retry.h for when they are tried again. Only one that
 * somebody who is not controlled can end sleeps in the kernel, without the turn, as a lapse.
 */
#ifndef RACE_EXTERNAL_H
#define RACE_EXTERNAL_H

#include <stdbool.h>
#include <stdint.h>

#include "shared/world.h"

struct external {
	struct request request; /* op of ACT_RETRY, objects, flags, deadline */
	/* Would attempt succeed now? Changes nothing. Asked before the operation is announced. */
	bool (*is_ready)(struct external *external);
	/* Does it without sleeping, and fills in `result` and `unchanged`. False: not now, and nothing was done. */
	bool (*attempt)(struct external *external);
	/* Called without the turn: sleeps until attempt may succeed, or does what it does. True: done, as by attempt. */
	bool (*sleep)(struct external *external);
	bool timers;    /* a timer of the program may be what it waits for, see interpose/timerfd.h */
	int64_t result; /* for the trace: a number that is the same in every run, or a negative errno */
	uint64_t digest; /* for the trace, too: of what was received; 0: not told */
	bool unchanged; /* it was done without effect on others: the model need not hear of it */
};

/*
 * Announces, waits and performs: 0 when attempt has done it, ETIMEDOUT, or EINTR (a signal or a cancellation). With
 * `timers` also EAGAIN: it has been tried in vain, and the deadline may be another one by now.
 */
int external_perform(struct external *external);

#endif
