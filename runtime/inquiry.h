/*
 * What race is asked about database servers while an execution stands still: see shared/database.h.
 */
#ifndef RACE_INQUIRY_H
#define RACE_INQUIRY_H

#include <stdint.h>

#include "shared/database.h"

/* What race answers; -1: it can't. The caller has the turn. */
int32_t inquiry_ask(enum inquiry_kind kind, uint32_t session);

#endif
