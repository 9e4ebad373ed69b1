/*
 * Sessions that a library encrypts, as they are observed: text takes the way of bytes in the clear (session_observed.h).
 * The descriptor of a library's session is learned from what it sends and receives within its calls, as in session_tls.h.
 */
#ifndef RACE_TLS_OBSERVED_H
#define RACE_TLS_OBSERVED_H

#include <stddef.h>
#include <stdint.h>

#include "session_tls.h"

/* The library that works here has sent or received encrypted bytes on this descriptor. */
void tls_observed_learn(int fd);

/* Gives the library text to send, and observes it. */
void tls_observed_send(const struct session_tls *tls, struct session_tls_text *text, uint64_t site);

/* The library has read this. */
void tls_observed_received(const struct session_tls *tls, const void *bytes, int64_t nbytes);

/* The library's session is gone. */
void tls_observed_forget(const struct session_tls *tls);

#endif
