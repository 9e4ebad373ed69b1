/*
 * Judges one execution against what the oracle knows; asks for more references where they could explain it.
 */
#ifndef RACE_EXPLORER_JUDGEMENT_H
#define RACE_EXPLORER_JUDGEMENT_H

#include "db/history.h"
#include "knowledge.h"
#include "oracle.h"

struct judgement {
	struct knowledge *knowledge;
	const struct observation *observation;
	bool reads;       /* what units saw that only read counts, too */
	struct unit_list *units;
	struct history *history;
	struct ending *ending;
	bool *refused;    /* [units->n] */
	uint32_t nrefused;
	bool *silent;     /* [units->n]: had trouble, but says that it worked */
	int64_t lost;     /* index of the first of those, -1: none */
	int64_t half;     /* of the first one refused that had committed something, -1: none */
	uint32_t nanswers;
	struct refusal_answer *answers; /* of all usable references */
};

/* Borrows everything but the judgement. -1 when memory is short. */
int judgement_init(struct judgement *judgement, struct knowledge *knowledge, const struct observation *observation,
	struct unit_list *units);

/* The verdict; *finding is set when it is ORACLE_ILLEGAL, unless `finding` is NULL. */
enum oracle_verdict judgement_reach(struct judgement *judgement, struct finding **finding);

void judgement_fini(struct judgement *judgement);

#endif
