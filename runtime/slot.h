/*
 * Slots through which a loaded library calls others (System V ABI x86-64, Procedure Linkage Table): one is led
 * elsewhere, for this library alone.
 */
#ifndef RACE_SLOT_H
#define RACE_SLOT_H

#include <stdbool.h>

/* `library` as dlopen gave it. False: it does not call that name, or its slots can't be written. */
bool slot_lead(void *library, const char *name, void *function);

#endif
