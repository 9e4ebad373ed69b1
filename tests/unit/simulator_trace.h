/*
 * The simulator's trace: the records of shared/trace.h, hashed as the runtime hashes them, in a growing buffer.
 */
#ifndef RACE_TESTS_SIMULATOR_TRACE_H
#define RACE_TESTS_SIMULATOR_TRACE_H

#include <stdbool.h>
#include <stddef.h>

#include "shared/outcome.h"
#include "shared/statement.h"
#include "shared/trace.h"
#include "shared/turn.h"
#include "shared/world.h"

struct simulator_trace {
	char *bytes; /* malloc'd */
	size_t nbytes, capacity;
};

void simulator_trace_task(struct simulator_trace *trace, struct world *world, const struct task *task);
void simulator_trace_object(struct simulator_trace *trace, const struct world *world, uint32_t object);
void simulator_trace_announce(struct simulator_trace *trace, struct world *world, const struct task *task,
	const struct statement *statements);
void simulator_trace_step(struct simulator_trace *trace, struct world *world, uint32_t previous,
	const struct decision *decision, uint64_t before_ns);
void simulator_trace_done(struct simulator_trace *trace, struct world *world, const struct task *task, int64_t result);
void simulator_trace_choice(struct simulator_trace *trace, struct world *world, uint16_t task, uint16_t kind,
	uint32_t n, uint32_t taken, uint32_t normal);
void simulator_trace_unit(struct simulator_trace *trace, struct world *world, const struct task *task, bool begin,
	uint32_t ordinal, uint64_t identity, const char *name);
void simulator_trace_effect(
	struct simulator_trace *trace, struct world *world, const struct task *task, const char *name, const char *key);
void simulator_trace_label(struct simulator_trace *trace, const struct task *task, const char *text);
void simulator_trace_end(struct simulator_trace *trace, const struct world *world, enum outcome outcome);

#endif
