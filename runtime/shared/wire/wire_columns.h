/*
 * Which columns of its table a plain SQL statement reads and writes: one table, no other statement within, no functions
 * but some that look at nothing, what is written given outright. Conditions read the columns that they name. Of anything
 * else, and where it can't be told, it says nothing.
 *
 *     UPDATE orders SET status = $1, tries = tries + 1 WHERE id = $2      writes status and tries, reads tries and id
 *     SELECT status FROM orders WHERE id = $1 FOR UPDATE                  says nothing: it locks
 */
#ifndef RACE_SHARED_WIRE_COLUMNS_H
#define RACE_SHARED_WIRE_COLUMNS_H

#include <stdbool.h>
#include <stdint.h>

#include "wire_token.h"

enum { WIRE_COLUMNS = 24 };

/* INSERT and DELETE write all columns; no column is listed as written then. */
enum wire_columns_kind { WIRE_COLUMNS_UNKNOWN, WIRE_COLUMNS_SELECT, WIRE_COLUMNS_INSERT, WIRE_COLUMNS_UPDATE, WIRE_COLUMNS_DELETE };

struct wire_columns {
	enum wire_columns_kind kind;
	bool all; /* it reads all of them */
	uint32_t n;
	char table[WIRE_TOKEN_BYTES];
	struct {
		char name[WIRE_TOKEN_BYTES]; /* in small letters */
		bool written;                /* else it is read */
	} items[WIRE_COLUMNS];
};

/* Literals may have become question marks. */
void wire_columns_read(const char *sql, struct wire_columns *columns);

#endif
