/*
 * Cancellation. A cancelled task acts upon it where it would natively: in a call that is a cancellation point. Its
 * wait there ends with EINTR (REQUEST_CANCEL); the genuine pthread_testcancel then unwinds the thread, and the guards
 * of the stanzas on its stack are left behind.
 *
 * Asynchronous cancellation acts at the end of any interposed call: a task of ours that is cancelled is in one, or has
 * lapsed; then a signal reaches it (probe.h).
 */
#ifndef RACE_CANCEL_H
#define RACE_CANCEL_H

#include <stdint.h>

struct request;

/* Does not return when the calling task has been cancelled and allows it. */
void cancel_act(void);

/* A blocking operation that is a cancellation point: acts before and after. As point() otherwise. */
int64_t cancel_point(struct request *request);

#endif
