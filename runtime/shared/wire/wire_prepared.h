/*
 * What was prepared on a connection, by the hash of its name (MySQL: its id + 1). A key is never 0.
 */
#ifndef RACE_SHARED_WIRE_PREPARED_H
#define RACE_SHARED_WIRE_PREPARED_H

#include "wire.h"

/* NULL: not known. */
struct wire_prepared *wire_prepared_find(struct wire *wire, uint64_t key);

/* Forgets what had that key, or else the oldest. */
void wire_prepared_enter(struct wire *wire, struct wire_prepared prepared);

void wire_prepared_forget(struct wire *wire, uint64_t key);

#endif
