/*
 * The journal of a campaign, as bytes: what is in it, and reading it. Nothing is believed: every length, index and
 * text is checked, so that a damaged file can't hurt its reader.
 *
 * A journal is a head, then records; all lengths are multiples of 8, little-endian, with checksums (XXH3). A record is
 * either TABLES (statements and texts of the control block that are new or have changed since the last such record) or
 * EXECUTION (one answer that the strategy got). Any change of layout changes JOURNAL_VERSION.
 */
#ifndef RACE_EXPLORER_JOURNAL_READ_H
#define RACE_EXPLORER_JOURNAL_READ_H

#include <stddef.h>
#include <stdint.h>

#include "shared/control.h"

#define JOURNAL_MAGIC "race search\n\0\0\0\0" /* 16 bytes */
enum { JOURNAL_VERSION = 2, JOURNAL_MAGIC_BYTES = 16 };

/* What a search is a search of: hashes. A journal of another one is refused. */
struct journal_identity {
	uint64_t command;   /* its words */
	uint64_t program;   /* what is in its file */
	uint64_t library;   /* what is in librace.so */
	uint64_t search;    /* strategy, its options, seed */
	uint64_t judgement; /* oracle, check, ignored columns */
};

struct journal_head {
	char magic[JOURNAL_MAGIC_BYTES];
	uint32_t version, nbytes;
	struct journal_identity identity;
	uint64_t sum;     /* of the bytes before */
};

enum journal_kind { JOURNAL_TABLES = 1, JOURNAL_EXECUTION = 2 };

struct journal_record {
	uint32_t kind, reserved;
	uint64_t nbytes;  /* that follow */
	uint64_t content; /* their checksum */
	uint64_t sum;     /* of the fields before */
};

struct journal_tables {
	uint32_t nstatements, nchanged; /* how many there are now; how many follow */
	uint32_t text_at, text_bytes;   /* new bytes of the text area */
	/* struct journal_statement[nchanged], then the text */
};

struct journal_statement {
	uint32_t index, reserved;
	struct statement statement;
};

enum journal_flag {
	JOURNAL_FOUND = 1,   /* a finding was made */
	JOURNAL_SUSPECT = 2, /* its outcome could not be judged for want of a serial order */
	JOURNAL_AGAIN = 4,   /* it was not judged, or that taught something that is not written down: to be run again */
};

struct journal_execution {
	uint64_t number;     /* of the exploring execution, 1-based */
	uint64_t plan;       /* hash of the plan it is the answer to */
	struct result result;
	uint64_t elapsed_ns; /* since the one before, or since the session began */
	uint32_t flags;      /* enum journal_flag */
	uint32_t note_bytes;
	uint64_t trace_bytes;
	/* the trace's records, then the notes (uncontrolled.h) */
};

/* Bytes being read; aligned to 8. */
struct journal_view {
	const char *bytes;
	size_t nbytes, at;
};

enum journal_next {
	JOURNAL_NEXT_TABLES,
	JOURNAL_NEXT_EXECUTION,
	JOURNAL_NEXT_END,
	JOURNAL_NEXT_CUT,     /* the last record is not complete: who wrote it was killed */
	JOURNAL_NEXT_DAMAGED, /* what follows can't be trusted */
};

/* One record. Pointers are into the view. */
struct journal_item {
	const struct journal_tables *tables;
	const struct journal_execution *execution;
	const void *trace; /* execution->trace_bytes of it */
	const char *notes; /* execution->note_bytes of them, the last one NUL; "" when there are none */
};

uint64_t journal_sum(const void *bytes, size_t nbytes);

/* Checks the head; NULL, or what is wrong with it. *identity is set when NULL is returned. */
const char *journal_read_head(struct journal_view *view, struct journal_identity *identity);

/* The next record. The view moves on only over good ones, so that its position is where a new one may be put. */
enum journal_next journal_read_next(struct journal_view *view, struct journal_item *item);

/* Puts a TABLES record into a control block that all those before were put into. -1: impossible; nothing is changed. */
int journal_read_tables(const struct journal_tables *tables, struct control *control);

#endif
