/*
 * A result, ready to be written in any format: plain texts and numbers, no traces and no addresses.
 *
 * It is made from a campaign or a replay, or read back from its JSON form; formats know nothing else. The JSON form
 * is described by race.schema.json. Everything in it belongs to its pool.
 */
#ifndef RACE_TOOLS_DOCUMENT_H
#define RACE_TOOLS_DOCUMENT_H

#include <stdbool.h>
#include <stdint.h>

#include "../pool.h"
#include "explorer/campaign.h"
#include "timeline.h"

struct document_frame {
	const char *function, *module, *file; /* NULL: unknown */
	uint32_t line;                        /* 0: unknown */
	uint64_t offset;                      /* in the module */
};

/* A place that a finding names: a role and the stack that goes with it, innermost first. */
struct document_place {
	const char *role, *task;
	uint32_t nframes;
	struct document_frame *frames;
};

struct document_finding {
	const char *kind, *class, *fingerprint, *message;
	const char *schedule;  /* path, relative to the current folder; NULL: none was written */
	const char *replay;    /* the command that repeats it; NULL: none */
	uint64_t first_execution; /* 0: none, see reference */
	bool reference;        /* a serial reference execution showed it first */
	bool serial;           /* needed no preemption */
	uint32_t npreemptions, nlines;
	uint32_t ntasks, nplaces;
	const char **tasks;
	struct document_place *places;
	struct timeline *timeline; /* NULL: none */
};

struct document_uncontrolled {
	const char *reason, *where;
	uint64_t count;
};

/* A file that the command made, changed or removed under its own name. */
struct document_written {
	const char *path; /* relative to the current folder where it is inside */
	const char *how;  /* created, changed, removed */
};

/* A committed schedule that a gate replayed. */
struct document_replay {
	const char *schedule;
	const char *verdict; /* identical, followed, diverged, broken */
	const char *message;
	bool found;          /* the failure occurred */
	double seconds;
};

struct document {
	struct pool *pool;
	const char *race_version, *command, *verdict, *reason;
	int exit_code;
	uint64_t executions, reference_executions, confirming_executions, distinct_traces, trace_digest;
	double executions_per_second, seconds;
	uint32_t units, overlapping_pairs, refused, suspects;
	bool ran;                 /* anything was executed */
	bool judged;              /* units and their overlaps are known */
	bool exhausted;
	const char *exhausted_what;
	int bound;                /* of exhausted, BOUND_NONE: all */
	double fraction_left;     /* negative: unknown */
	bool budget_used, executions_used, interrupted;
	const char *strategy, *carrier, *reuse;
	uint64_t resumed;     /* executions that went on from a checkpoint inside an earlier one */
	const char *fallback; /* why these two are not what was asked for, or NULL */
	uint64_t seed;
	uint32_t nremarks, nuncontrolled, nignored, nwritten, nfindings, nreplays;
	const char **remarks, **ignored;
	struct document_uncontrolled *uncontrolled;
	struct document_written *written; /* by path */
	struct document_finding *findings;
	struct document_replay *replays;
	const char *output;       /* of the failing execution, NULL: none */
};

/* An empty one. */
struct document *document_open(void);

/* Takes over the numbers and remarks of a campaign's result; findings are added one by one. */
void document_set_result(struct document *document, const struct campaign_result *result);

/*
 * Adds a finding. `trace` tells its story where the finding has no trace of its own, and may be NULL. `replay` is
 * copied; `literals` shows values in the timeline. Finding, trace and symbols are only read during the call.
 */
struct document_finding *document_add(struct document *document, const struct finding *finding,
	const struct trace *trace, struct symbolise *symbolise, const char *replay, bool literals);

/* Is there a finding with this fingerprint already? */
bool document_has(const struct document *document, uint64_t fingerprint);

void document_add_replay(struct document *document, const struct document_replay *replay);

/* Adds the files that the block says were written, each once. */
void document_add_written(struct document *document, const struct control *control);

/* How fingerprints are written: 8 hex digits. */
const char *document_fingerprint(struct pool *pool, uint64_t fingerprint);

/* The word of a verdict in JSON: clean, findings, command fails, uncontrolled, internal. */
const char *document_verdict(enum verdict verdict);

/* Reads the JSON form; NULL and a sentence when it is none. */
struct document *document_read(const char *text, size_t nbytes, char *reason, size_t reason_bytes);

void document_close(struct document *document);

#endif
