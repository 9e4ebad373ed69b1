/*
 * Waiting for what the kernel decides, as a blocking call of the program does: a cancellation point, and a signal
 * handler that runs meanwhile ends the call or lets it go on.
 */
#ifndef RACE_AWAIT_H
#define RACE_AWAIT_H

#include <stdbool.h>
#include <stdint.h>

#include "external.h"

/*
 * As external_perform; `restarts`: begins again after a handler that was set with SA_RESTART. Flags for signals and
 * cancellation are filled in.
 */
int await_external(struct external *external, bool restarts);

/* A time-out that a socket has of its own (SO_RCVTIMEO, SO_SNDTIMEO): the request gets its deadline. */
void await_patience(struct request *request, int fd, int option);

/*
 * REQUEST_PATIENT when a wait of this span is one for the other end of a connection on which HTTP may be spoken, and seconds
 * long; else 0.
 */
uint16_t await_reply(bool converses, uint64_t span_ns);

/* Is an open file description non-blocking? */
bool await_never(int fd);

#endif
