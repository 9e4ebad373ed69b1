/*
 * A database statement as both sides know it: normalised text and footprint, interned once per campaign.
 *
 * Entries are append-only and identified by the hash of their text; index 0 means "unknown", which depends on
 * everything. Tables are named by a 64-bit hash of the lower-case name. A column set has a bit for each name, picked by
 * its hash: different columns may share one.
 */
#ifndef RACE_SHARED_STATEMENT_H
#define RACE_SHARED_STATEMENT_H

#include <stdint.h>

enum { STATEMENT_TABLES = 12 };

enum statement_kind {
	STATEMENT_UNKNOWN,
	STATEMENT_READ,
	STATEMENT_WRITE,
	STATEMENT_BEGIN,
	STATEMENT_COMMIT,
	STATEMENT_ROLLBACK,
	STATEMENT_SAVEPOINT, /* and RELEASE */
	STATEMENT_SCHEMA,    /* creates, alters or drops */
	STATEMENT_SETTING,   /* PRAGMA and the like */
};

enum statement_flag {
	STATEMENT_UNBOUNDED = 1, /* footprint incomplete: depends on everything */
	STATEMENT_IMMEDIATE = 2, /* BEGIN IMMEDIATE or EXCLUSIVE: takes the write lock */
	STATEMENT_VAGUE = 4,     /* its columns are not known */
};

struct statement_table {
	uint64_t table;        /* hash of the name */
	uint32_t name;         /* offset of the name in the text area */
	uint8_t reads, writes; /* which of the two */
	uint16_t reserved;
	uint64_t columns_read, columns_written; /* bits of their names' hashes; all ones: any */
};

struct statement {
	uint64_t hash; /* of the text, 0: free */
	uint32_t text; /* offset in the text area, NUL-terminated */
	uint8_t kind;  /* enum statement_kind */
	uint8_t flags; /* enum statement_flag */
	uint8_t ntables;
	uint8_t marks; /* of its session: bit set of enum session_mark, see database.h */
	struct statement_table tables[STATEMENT_TABLES];
};

#endif
