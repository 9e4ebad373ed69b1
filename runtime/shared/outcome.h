/*
 * How an execution ended, and the exit codes of the race command.
 */
#ifndef RACE_SHARED_OUTCOME_H
#define RACE_SHARED_OUTCOME_H

/* X(identifier, text, what it means) */
#define OUTCOMES(X) \
	X(NONE, "none", "still running") \
	X(EXITED, "exited", "the main process ended with an exit status") \
	X(SIGNALED, "signaled", "the main process was ended by a signal") \
	X(DEADLOCK, "deadlock", "no task was enabled and no timer pending") \
	X(LIVELOCK, "livelock", "tasks kept yielding to each other without progress") \
	X(HANG, "hang", "a task neither reached a scheduling point nor ended in the time allowed") \
	X(LIMIT, "limit", "a fixed capacity was exceeded") \
	X(DIVERGED, "diverged", "the forced prefix could not be followed") \
	X(BROKEN, "broken", "an invariant of the runtime did not hold") \
	X(REFUSED, "refused", "the program could not be controlled")

enum outcome {
#define X(identifier, text, meaning) OUTCOME_##identifier,
	OUTCOMES(X)
#undef X
	OUTCOME_COUNT
};

static inline const char *outcome_text(unsigned int outcome)
{
	switch (outcome) {
#define X(identifier, text, meaning) case OUTCOME_##identifier: return text;
	OUTCOMES(X)
#undef X
	default: return "unknown";
	}
}

static inline const char *outcome_meaning(unsigned int outcome)
{
	switch (outcome) {
#define X(identifier, text, meaning) case OUTCOME_##identifier: return meaning;
	OUTCOMES(X)
#undef X
	default: return "unknown";
	}
}

/* Why an execution counts as hung. X(identifier, text) */
#define HANG_CAUSES(X) \
	X(NONE, "neither reached another scheduling point nor ended") \
	X(ASLEEP, "waits for something outside, and nobody else can go on") \
	X(SPINS, "spins on memory, and nobody is left to change it") \
	X(PROCESSOR, "used all the processor time allowed")

enum hang_cause {
#define X(identifier, text) HANG_##identifier,
	HANG_CAUSES(X)
#undef X
	HANG_CAUSE_COUNT
};

static inline const char *hang_text(unsigned int cause)
{
	switch (cause) {
#define X(identifier, text) case HANG_##identifier: return text;
	HANG_CAUSES(X)
#undef X
	default: return "unknown";
	}
}

/* Why something could not be controlled. Named in every result, never silent. */
#define UNCONTROLLED_REASONS(X) \
	X(NONE, "none") \
	X(LAPSE, "blocked outside control") \
	X(SPIN, "spins on memory") \
	X(FOREIGN_THREAD, "thread made without pthread_create") \
	X(STATIC, "static executable") \
	X(MUSL, "musl executable") \
	X(FOREIGN_ARCHITECTURE, "not an x86-64 executable") \
	X(SETUID, "setuid executable") \
	X(LIMIT, "capacity exceeded") \
	X(INLINE_ATOMIC, "inline atomics hide scheduling points") \
	X(RAW_CLONE, "raw clone") \
	X(RAW_FUTEX, "futex operation without a model") \
	X(SHARED_MEMORY, "object shared with an uncontrolled process") \
	X(MEMORY_DATABASE, "in-memory database is not compared") \
	X(STATIC_SQLITE, "SQLite linked statically") \
	X(LEFTOVER, "processes outlived the main process") \
	X(DESCRIPTOR, "control descriptor closed by the program") \
	X(TLS, "tls: what goes over an encrypted session is not seen") \
	X(SESSION, "session with a database server that is not understood") \
	X(NAMELESS, "executions share a file without a name that was opened before main")

enum uncontrolled {
#define X(identifier, text) UNCONTROLLED_##identifier,
	UNCONTROLLED_REASONS(X)
#undef X
	UNCONTROLLED_COUNT
};

static inline const char *uncontrolled_text(unsigned int reason)
{
	switch (reason) {
#define X(identifier, text) case UNCONTROLLED_##identifier: return text;
	UNCONTROLLED_REASONS(X)
#undef X
	default: return "unknown";
	}
}

/* Exit codes of every subcommand; the same numbers whatever the subcommand. */
enum exit_code {
	EXIT_CLEAN = 0,
	EXIT_COMMAND_FAILS = 1, /* the command fails by itself, in its serial order */
	EXIT_USAGE = 2,
	EXIT_INTERNAL = 3,
	EXIT_UNCONTROLLED = 4,  /* could not be controlled, or the replay diverged */
	EXIT_FINDINGS = 66,
};

#endif
