/*
 * What race, the controlled process and the debugger that looks at it say to each other.
 *
 * The debugger reads and writes it through librace.so's debug information (tools/gdb/race.py): all it needs is here, in
 * words that race has written, so that it knows nothing of worlds and schedules. Writes of a stopped target's memory
 * wake nobody, therefore both sides poll.
 */
#ifndef RACE_SHARED_DEBUGGER_H
#define RACE_SHARED_DEBUGGER_H

#include <stdint.h>

enum { DEBUGGER_TEXT_BYTES = 65536, DEBUGGER_WORD_BYTES = 16 };

struct debugger {
	uint32_t wanted;   /* race: the target shall wait for the debugger before it begins */
	uint32_t waiting;  /* target: it does, and can be attached to */
	uint32_t attached; /* debugger: go on */
	uint32_t killed;   /* debugger: the user is about to kill the target */
	/* where to stop next; written by the debugger and taken back by race when the stop is due */
	uint32_t step;     /* at the next scheduling point, whatever the line */
	uint32_t until;    /* when this line (1-based) is the next to be followed; 0: nowhere */
	/* written by race with each answer */
	uint32_t line;     /* being followed or next to be followed; nlines + 1: all are behind us; 0: none yet */
	uint32_t begins;   /* the line was not yet followed at all */
	uint32_t nlines;
	uint32_t due;      /* the main process shall stop as soon as one of its tasks goes on; taken back by it */
	uint32_t paused;   /* target: it stands at a scheduling point, what its task announced is still to be done */
	uint32_t outcome;  /* enum outcome: the target stops because the execution is about to end so */
	/* the views: the debugger counts `asked` up, race answers and sets `answered` to it */
	uint32_t asked, answered;
	uint32_t nbytes;   /* of text */
	char view[DEBUGGER_WORD_BYTES]; /* what is asked for, see explorer/view.h */
	char text[DEBUGGER_TEXT_BYTES];
};

#endif
