/*
 * Failures that the target itself recorded (struct trace_fail): what assert, check, crash and misuse have in common.
 */
#ifndef RACE_EXPLORER_FAILURE_H
#define RACE_EXPLORER_FAILURE_H

#include "../finding.h"
#include "../trace_read.h"

/*
 * A finding of `kind` for each distinct failure `what` of the trace: "<words>: <text>, in <task>", with its place.
 * Failures are the same when text, file and function are. -1: memory is short.
 */
int failure_report(const struct trace *trace, uint32_t what, const char *kind, const char *words,
	struct finding_list *out);

/* Was there a failure of this kind? */
bool failure_is_in(const struct trace *trace, uint32_t what);

#endif
