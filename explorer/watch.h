/*
 * The watchdog: looks at a running execution from outside, two hundred times a second. Notices turn holders that sleep
 * in the kernel, that spin, that died, and executions that don't end.
 *
 * Who sleeps or spins lapses: others get the turn; so does who has been taking WATCH_NAPS short sleeps and does little
 * else (a runtime's own housekeeping thread). A hang is: nobody can go, those who lapsed don't come back in the
 * time allowed; or the execution has used more processor time than allowed. Who computes is left alone until then.
 */
#ifndef RACE_EXPLORER_WATCH_H
#define RACE_EXPLORER_WATCH_H

#include <stdbool.h>
#include <stdint.h>

#include "processor.h"
#include "prober.h"
#include "shared/control.h"

enum { WATCH_PERIOD_NS = 5000000, WATCH_SLEEP_NS = 30000000, WATCH_NAPS = 60 };

struct watch {
	uint64_t processor_ns; /* an execution may use that much */
	uint64_t asleep_ns;    /* and sleep that long when nobody can go */
	uint64_t since_ns;     /* when the last progress was seen */
	uint64_t sleeping_ns;  /* since when the holder has been seen asleep, 0: it was not */
	uint64_t switches;     /* of the holder, when it was seen asleep first */
	uint32_t nnaps;        /* looks at which it slept anew, without progress in between, less those at which it did not */
	uint32_t running, nsteps;
	uint64_t trace_bytes;
	bool hung;             /* in some execution nobody came back */
	struct task_set spinners; /* tasks that lapsed because they spin */
	struct task_set nappers;  /* because they sleep again and again: that they run now and then is no sign of work */
	struct processor processor;
	struct prober prober;
};

enum watch_verdict {
	WATCH_FINE,
	WATCH_OVER, /* the execution can't go on: world.outcome is set; kill what is left */
	WATCH_LEFT, /* the main process has ended, and the others don't seem to: kill them */
};

/* The time allowed for everything; 0: 60 s of processor time, 20 s asleep. */
void watch_open(struct watch *watch, uint64_t timeout_ns);

/* An execution begins. */
void watch_begin(struct watch *watch);

/* The same while the target has not taken up its plan: it is on its way to main. */
enum watch_verdict watch_start(struct watch *watch, struct control *control);

/* To be called every WATCH_PERIOD_NS or so while an execution runs and asks nothing. */
enum watch_verdict watch_look(struct watch *watch, struct control *control);

#endif
