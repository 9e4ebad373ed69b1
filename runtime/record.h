/*
 * The trace writer. Called by whoever has the turn, so it needs no lock; appends to the slot's trace area and folds
 * what belongs to the hash into world.hash (see shared/trace.h for what that is). A full area ends the execution with
 * OUTCOME_LIMIT.
 */
#ifndef RACE_RECORD_H
#define RACE_RECORD_H

#include <stdbool.h>
#include <stdint.h>

#include "shared/outcome.h"
#include "shared/trace.h"
#include "shared/turn.h"
#include "shared/world.h"

void record_task(const struct task *task);
void record_object(uint32_t object, const char *name);
void record_announce(const struct task *task);
void record_step(uint32_t previous, const struct decision *decision, uint64_t clock_before_ns);
void record_done(const struct task *task, const struct request *request, int64_t result, uint64_t digest, bool guarded);
void record_choice(uint16_t task, uint16_t kind, uint32_t object, uint32_t n, uint32_t taken, uint32_t normal);
void record_row(const struct record_row *row, const char *values); /* head is filled in */
void record_effect(uint64_t site, const char *name, const char *key);
void record_unit(bool begin, uint32_t ordinal, uint64_t identity, const char *name);
void record_request(uint64_t identity, const char *name);
void record_work(uint16_t task, uint64_t identity);
void record_reply(uint64_t identity, uint32_t status, uint64_t digest, uint64_t input, const char *context);
void record_stack(const uint64_t *pcs, uint32_t npcs);
void record_fail(enum fail_kind what, const char *message, const char *file, uint32_t line, const char *function,
	uint64_t site);
void record_uncontrolled(enum uncontrolled reason, enum limit_id limit, uint64_t site, const char *text);
void record_value(uint32_t statement, char role, const char *text);
void record_transaction(const struct record_transaction *transaction); /* head is filled in */
void record_label(const char *text);
void record_end(enum outcome outcome);

/* Folds a value into the trace's hash. */
void record_hash(uint64_t value);

#endif
