/*
 * Requests that are not yet answered, oldest first. Equal ones in a row take one place.
 */
#ifndef RACE_SHARED_WIRE_QUEUE_H
#define RACE_SHARED_WIRE_QUEUE_H

#include "wire.h"

/* False: there is no place. The count of the run is that of one request. */
bool wire_queue_push(struct wire *wire, struct wire_run request);

/* The oldest; NULL: none. */
struct wire_run *wire_queue_first(struct wire *wire);

/* Takes one request of the oldest run away. */
void wire_queue_pop(struct wire *wire);

#endif
