/*
 * The dynamic loader's functions: what dl_entry.S calls.
 */
#ifndef RACE_DL_H
#define RACE_DL_H

#include <stdint.h>

/* In the order of dl_entry.S. */
enum dl_function { DL_OPEN, DL_MOPEN, DL_CLOSE, DL_SYMBOL };

/* The first arguments of the call, which may be changed, and where it comes from; as they lie on the stack. */
struct dl_call {
	uint64_t third, second, first;
	void *caller;
};

/* Does what is to be done before the call; the genuine function. */
void *dl_enter(struct dl_call *call, uint64_t function);

#endif
