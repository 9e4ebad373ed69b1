/*
 * The watchdog: looks at a running execution from outside, a hundred times a second. Notices turn holders that sleep
 * in the kernel, that died, or that neither reach a point nor end in the time allowed.
 */
#ifndef RACE_EXPLORER_WATCH_H
#define RACE_EXPLORER_WATCH_H

#include <stdint.h>

#include "shared/control.h"

enum { WATCH_PERIOD_NS = 5000000, WATCH_SLEEP_NS = 30000000 };

struct watch {
	uint64_t timeout_ns;  /* longest time without a step */
	uint64_t since_ns;    /* when the last progress was seen */
	uint64_t asleep_ns;   /* since when the holder has been seen asleep, 0: it was not */
	uint64_t switches;    /* of the holder, when it was seen asleep first */
	uint32_t running, nsteps;
	uint64_t trace_bytes;
};

enum watch_verdict {
	WATCH_FINE,
	WATCH_OVER, /* the execution can't go on: world.outcome is set; kill what is left */
};

void watch_open(struct watch *watch, uint64_t timeout_ns);

/* To be called every WATCH_PERIOD_NS or so while an execution runs and asks nothing. */
enum watch_verdict watch_look(struct watch *watch, struct control *control);

#endif
