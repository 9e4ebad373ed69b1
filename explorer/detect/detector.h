/*
 * Detectors: judge one execution from its trace. Each is a const vtable in one file, registered in detector.c.
 * They do not know each other, keep no state between executions, and must stay silent on correct programs.
 *
 * The kinds assert, crash, exit, hang, deadlock, livelock and check come from here; serializability from oracle.h.
 */
#ifndef RACE_EXPLORER_DETECTOR_H
#define RACE_EXPLORER_DETECTOR_H

#include "../finding.h"
#include "../trace_read.h"

struct detector {
	const char *name; /* kind of its findings */
	const char *help;
	/* Adds findings to the list; -1 when memory is short. */
	int (*judge)(const struct trace *trace, struct finding_list *out);
};

const struct detector *const *detector_list(void); /* NULL-ended */

extern const struct detector detector_assert, detector_crash, detector_exit, detector_hang, detector_deadlock,
	detector_livelock, detector_check, detector_misuse;

/* For traces that were observed, not explored; not in the list: exploring finds the deadlock itself. */
extern const struct detector detector_lock_order;

/* The same for what units do to databases: the oracle judges outcomes where executions can be repeated. */
extern const struct detector detector_check_then_act;

/* Runs all of them, and says of each finding whether the execution had no preemption. */
int detector_judge(const struct trace *trace, struct finding_list *out);

#endif
