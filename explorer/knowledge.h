/*
 * What the oracle knows so far: the references and those still wanted, the mask, which units are coupled, and remarks
 * for the result.
 */
#ifndef RACE_EXPLORER_KNOWLEDGE_H
#define RACE_EXPLORER_KNOWLEDGE_H

#include "agenda.h"
#include "coupling.h"
#include "db/mask.h"
#include "reference.h"
#include "serial_order.h"

struct knowledge {
	struct mask *mask;
	struct agenda agenda;
	struct reference **references; /* [agenda.nanswered] */
	struct coupling coupling;
	struct serial_order created;   /* units that touch something, as created */
	bool first_is_serial;          /* the very first execution was one of that order */
	struct reads_unsteady unsteady;
	bool statuses_differ;          /* between two runs of one order: exit statuses say nothing */
	bool memory_short;             /* something was lost for want of memory: nothing is illegal any more */
	uint32_t nremarks;
	const char **remarks;          /* NULL-ended once there is one */
};

/* -1 when memory is short. */
int knowledge_init(struct knowledge *knowledge, const char *const *ignores);

enum knowledge_answer {
	KNOWLEDGE_ASKED, /* it is wanted from now on */
	KNOWLEDGE_HAS,
	KNOWLEDGE_LACKS, /* it was tried, but what came of it can't be taken for that order */
};

/* Wants this order, unless it has been answered already. */
enum knowledge_answer knowledge_has(struct knowledge *knowledge, const struct serial_order *order);

/* The marked reference for this item, which is wanted when there is none yet; NULL: not answered. */
const struct reference *knowledge_marked(struct knowledge *knowledge, const struct agenda_item *item);

/* Takes the answer to the first unanswered item. */
void knowledge_learn(struct knowledge *knowledge, const struct observation *observation,
	const struct unit_list *units);

/* Learns from the waits of any execution which units are coupled. */
void knowledge_note_waits(struct knowledge *knowledge, const struct unit_list *units);

/* Is this the hash of a whole ending that a serial order gives? */
bool knowledge_is_legal(const struct knowledge *knowledge, uint64_t hash);

/*
 * The index of a unit that only read and saw what it sees in no reference with this hash; -1: none. Several such units
 * must have seen theirs in one and the same reference.
 */
int64_t knowledge_find_skewed(const struct knowledge *knowledge, uint64_t hash, const struct unit_list *units);

/* A sentence for the result; the same one is kept once. */
void knowledge_remark(struct knowledge *knowledge, const char *format, ...) __attribute__((format(printf, 2, 3)));

void knowledge_fini(struct knowledge *knowledge);

#endif
