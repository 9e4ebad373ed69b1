/*
 * A choice: anything in an execution that could have gone otherwise.
 *
 * Which task goes next is CHOICE_TASK; the other kinds pick a value in 0..n-1 of something that the world could have
 * answered. All kinds go through the same prefix, choosers, strategies and minimizer.
 *
 * CHOICE_EVENT and CHOICE_HOLD are about one descriptor of a wait for several: 1 delivers its event before the others',
 * or holds it back (delivery.h); 0 is what the kernel does.
 *
 * CHOICE_VICTIM is told rather than chosen: a server has ended the task's transaction to break a deadlock. It is recorded
 * as the only thing that could happen, and not what is normal; a schedule that says so is a demand.
 *
 * CHOICE_FAULT is offered where a plan allows faults: what becomes of a request to a database server that commits
 * something. 0: nothing is amiss.
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

/* How servers say it: X(identifier, word in a schedule). Only added. PostgreSQL's SQLSTATE, the number of MySQL's error. */
#define CHOICE_VICTIMS(X) \
	X(POSTGRES, "40P01") \
	X(MYSQL, "1213")

enum choice_victim {
	VICTIM_NONE,
#define X(identifier, word) VICTIM_##identifier,
	CHOICE_VICTIMS(X)
#undef X
};

static inline const char *choice_victim_word(uint32_t victim)
{
	switch (victim) {
#define X(identifier, word) case VICTIM_##identifier: return word;
	CHOICE_VICTIMS(X)
#undef X
	default: return "unknown";
	}
}

/* What a network does to a request. X(identifier, word in a schedule). Only added. */
#define CHOICE_FAULTS(X) \
	X(REPLY_LOST, "reply-lost")     /* the server does it, and the connection is lost before the client hears of it */ \
	X(REQUEST_LOST, "request-lost") /* the connection is lost before the server hears of it */

enum choice_fault {
	FAULT_NONE,
#define X(identifier, word) FAULT_##identifier,
	CHOICE_FAULTS(X)
#undef X
	FAULT_COUNT
};

static inline const char *choice_fault_word(uint32_t fault)
{
	switch (fault) {
#define X(identifier, word) case FAULT_##identifier: return word;
	CHOICE_FAULTS(X)
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
