/*
 * A choice: anything in an execution that could have gone otherwise.
 *
 * Which task goes next is CHOICE_TASK; the other kinds pick a value in 0..n-1 of something that the world could have
 * answered. All kinds go through the same prefix, choosers, strategies and minimizer.
 *
 * CHOICE_EVENT and CHOICE_HOLD are about one descriptor of a wait for several: 1 delivers its event before the others',
 * or holds it back (delivery.h); 0 is what the kernel does.
 */
#ifndef RACE_SHARED_CHOICE_H
#define RACE_SHARED_CHOICE_H

#include <stdint.h>

/* X(identifier, word in a schedule). Kinds are only added: they are part of the schedule format. */
#define CHOICE_KINDS(X) \
	X(TASK, "run") \
	X(TIMEOUT, "timeout") \
	X(WAKE, "wake") \
	X(EVENT, "deliver") \
	X(HOLD, "hold") \
	X(SIGNAL, "signal") \
	X(GRANT, "grant") \
	X(VICTIM, "victim") \
	X(BUSY, "busy") \
	X(FAULT, "fault")

enum choice_kind {
#define X(identifier, word) CHOICE_##identifier,
	CHOICE_KINDS(X)
#undef X
	CHOICE_KIND_COUNT
};

static inline const char *choice_word(unsigned int kind)
{
	switch (kind) {
#define X(identifier, word) case CHOICE_##identifier: return word;
	CHOICE_KINDS(X)
#undef X
	default: return "unknown";
	}
}

/*
 * One forced decision of a plan's prefix.
 *
 * DIRECTIVE_TAKE answers exactly one choice that has more than one alternative: for CHOICE_TASK the task `task`
 * (with CHOICE_TIMEOUT: its timed wait ends now), for the other kinds the value `value`.
 * DIRECTIVE_RUN answers every task choice with `task` until that task has announced its operation number `value`
 * (counted from 0 within the task, and not yet performed), or until it is blocked or has ended.
 */
enum directive_form { DIRECTIVE_TAKE, DIRECTIVE_RUN };

struct directive {
	uint8_t form; /* enum directive_form */
	uint8_t kind; /* enum choice_kind */
	uint16_t task;
	uint32_t value;
};

#endif
