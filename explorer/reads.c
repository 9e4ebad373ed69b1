#include "reads.h"

#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#include "shared/op.h"

static bool has_written(const struct unit_list *units, uint32_t unit)
{
	const struct trace *trace = units->trace;

	for (uint32_t i = 0; i < trace->nrows; i++)
		if (unit_of(units, trace->rows[i].task, trace->rows[i].at_step) == unit + 1)
			return true;
	for (uint32_t i = 0; i < trace->neffects; i++)
		if (unit_of(units, trace->effects[i].task, trace->effects[i].at_step) == unit + 1)
			return true;
	return false;
}

static uint64_t fold(uint64_t hash, const char *statement, uint64_t digest)
{
	uint64_t parts[3] = {hash, XXH3_64bits(statement, strlen(statement)), digest};

	return XXH3_64bits(parts, sizeof parts);
}

struct reads reads_of(const struct unit_list *units, uint32_t unit)
{
	const struct trace *trace = units->trace;
	struct reads reads = {.unit = units->items[unit].identity};

	if (has_written(units, unit))
		return reads;
	for (uint32_t i = 0; i < trace->nsteps; i++) {
		const struct request *request = &trace_step_announce(trace, i)->request;
		if (units->of_step[i] == unit + 1 && unit_step_touches(trace, i) && trace->steps[i].digest)
			reads.hash = fold(reads.hash, trace_statement_text(trace, request->statement),
				trace->steps[i].digest);
	}
	return reads;
}

static uint64_t hash_for(const struct reads *reads, uint32_t nreads, uint64_t unit)
{
	for (uint32_t i = 0; i < nreads; i++)
		if (reads[i].unit == unit)
			return reads[i].hash;
	return 0;
}

static bool is_unsteady(const struct reads_unsteady *unsteady, uint64_t unit)
{
	for (uint32_t i = 0; i < unsteady->n; i++)
		if (unsteady->units[i] == unit)
			return true;
	return false;
}

int reads_learn(struct reads_unsteady *unsteady, const struct reads *left, uint32_t nleft, const struct reads *right,
	uint32_t nright)
{
	for (uint32_t i = 0; i < nleft; i++) {
		if (left[i].hash == hash_for(right, nright, left[i].unit) || is_unsteady(unsteady, left[i].unit))
			continue;
		uint64_t *grown = realloc(unsteady->units, (unsteady->n + 1UL) * sizeof *grown);
		if (!grown)
			return -1;
		unsteady->units = grown;
		grown[unsteady->n++] = left[i].unit;
	}
	return 0;
}

int64_t reads_compare(const struct unit_list *units, const struct reads *reference, uint32_t nreference,
	const struct reads_unsteady *unsteady)
{
	for (uint32_t i = 0; i < units->n; i++) {
		struct reads reads = reads_of(units, i);
		if (reads.hash && !is_unsteady(unsteady, reads.unit) &&
		    reads.hash != hash_for(reference, nreference, reads.unit))
			return i;
	}
	return -1;
}

void reads_unsteady_fini(struct reads_unsteady *unsteady)
{
	free(unsteady->units);
	*unsteady = (struct reads_unsteady){0};
}
