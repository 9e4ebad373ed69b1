/*
 * --check CMD: the user's own judgement of an execution. Runs uncontrolled, by a shell, in our folder, with the
 * database the program worked on in RACE_DB; a non-zero exit is a finding of kind `check`.
 */
#ifndef RACE_EXPLORER_CHECK_H
#define RACE_EXPLORER_CHECK_H

#include "finding.h"
#include "shared/control.h"
#include "trace_read.h"

/* -1 when memory is short or the shell can't be started. */
int check_run(const char *command, const struct control *control, const struct trace *trace, struct finding_list *out);

#endif
