/*
 * Explains an outcome that no serial order gives: finds what differs, what kind of anomaly it is, which two units
 * brought it about and by which statements, and says so in a finding.
 *
 * Statements appear with their literals normalised away. Values of rows are not shown, but for small whole numbers in
 * key columns: rows carry people's data.
 */
#ifndef RACE_EXPLORER_EXPLAIN_H
#define RACE_EXPLORER_EXPLAIN_H

#include "db/history.h"
#include "ending.h"
#include "finding.h"
#include "reference.h"

struct explain_question {
	const struct unit_list *units;
	const struct history *history;
	struct ending *ending;            /* of the execution, masked */
	struct reference *const *references; /* usable, whole ones count */
	uint32_t nreferences;
	const struct mask *mask;
	int64_t lost;                     /* index of a unit whose work was rolled back silently, -1: none */
	int64_t half;                     /* of one that was turned away, and said so, after it had committed something, -1: none */
};

/* A new finding; NULL when memory is short. */
struct finding *explain(const struct explain_question *question);

/* The same for a unit that only read and saw what no serial order shows; units and history are enough. */
struct finding *explain_reads(const struct explain_question *question, uint32_t unit);

#endif
