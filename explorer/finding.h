/*
 * A finding: what a detector or the oracle reports, ready to be printed.
 *
 * Findings own their texts. Kinds are the words of the command line and of JSON: assert crash exit hang deadlock
 * livelock data-race lock-order misuse check serializability uncontrolled.
 */
#ifndef RACE_EXPLORER_FINDING_H
#define RACE_EXPLORER_FINDING_H

#include <stdbool.h>
#include <stdint.h>

#include "trace_read.h"

struct finding_place {
	char *role;     /* "charge waits for mutex#1", "webhook wrote orders" */
	uint16_t task;
	uint32_t step;  /* step it belongs to, ~0: none */
	uint32_t npcs;  /* raw return addresses, innermost first; the tools give them names */
	uint64_t pcs[24];
	uint32_t image_process; /* process whose modules the pcs belong to */
};

struct finding {
	const char *kind; /* static string */
	char *class;      /* "double effect"; NULL: none */
	char *message;    /* one sentence */
	char *subject;    /* object class for the fingerprint: "mutex", "orders"; never addresses or numbers */
	uint64_t fingerprint;
	uint64_t execution;    /* number of the exploring execution that showed it first, 1-based; 0: none has */
	bool reference;        /* a serial reference execution showed it first */
	bool serial;           /* no preemption was needed */
	uint32_t nplaces, places_capacity;
	struct finding_place *places;
	struct trace *trace;   /* rich when one could be made; owned */
	/* how to repeat it: exact directives within the campaign */
	struct plan plan;
	struct directive *prefix;
	uint32_t nprefix;
	char *schedule_path;   /* where the schedule was written, NULL: not yet */
};

/* Is it a failure that, in creation order without preemption, is the command's own and not one of its interleavings'? */
bool finding_is_own_failure(const struct finding *finding);

/* An empty finding of this kind; NULL when memory is short. */
struct finding *finding_new(const char *kind);

/* printf-style; return -1 when memory is short. */
int finding_set_message(struct finding *finding, const char *format, ...) __attribute__((format(printf, 2, 3)));
int finding_set_class(struct finding *finding, const char *class);
int finding_set_subject(struct finding *finding, const char *subject);

/* Adds a place; pcs from the announcement's stack, or its site when the trace is lean. */
int finding_add_place(struct finding *finding, const struct trace *trace, uint32_t announce, uint32_t step,
	const char *format, ...) __attribute__((format(printf, 5, 6)));

/* A place that no announcement stands for: a failed check, a guarded operation. */
struct finding_site {
	uint16_t task;
	uint32_t step;       /* ~0: none */
	uint32_t npcs;       /* 0: `address` alone */
	const uint64_t *pcs;
	uint64_t address;    /* 0: unknown */
};
int finding_add_site(struct finding *finding, const struct trace *trace, const struct finding_site *site,
	const char *format, ...) __attribute__((format(printf, 4, 5)));

/* NULL does nothing. */
void finding_close(struct finding *finding);

/* Findings of one execution, or of a campaign. */
struct finding_list {
	struct finding **items;
	uint32_t n, capacity;
};

/* Takes ownership, also when it fails (-1: memory is short). */
int finding_list_add(struct finding_list *list, struct finding *finding);
void finding_list_clear(struct finding_list *list);

#endif
