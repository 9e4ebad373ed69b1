/*
 * Looking into a task that reaches no scheduling point: race sends it this signal, and the handler answers with what
 * it interrupted. The program never sees the signal: librace.so keeps it out of its masks and handlers.
 */
#ifndef RACE_SHARED_PROBE_H
#define RACE_SHARED_PROBE_H

#include <stdint.h>

enum {
	PROBE_SIGNAL = 63,         /* SIGRTMAX-1 */
	PROBE_VALUE = 0x65636172,  /* si_value of ours: others may use the signal, too */
	PROBE_CANCEL = 0x65636e63, /* the same from a thread of its own process that has cancelled it */
};

struct probe {
	uint32_t asked;    /* race counts up, then sends the signal */
	uint32_t answered; /* equal to `asked` when the rest is there */
	uint64_t address;  /* instruction that was interrupted */
	uint64_t state;    /* hash of it, of the registers and of the top of the stack */
};

#endif
