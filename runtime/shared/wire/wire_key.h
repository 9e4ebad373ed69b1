/*
 * The rows that an UPDATE or DELETE names by the values of columns: all that it changes have these. As text: the table,
 * then `COLUMN=VALUE` of each, a tab before each; names in small letters. What else the condition asks for is left out.
 *
 * https://www.postgresql.org/docs/15/sql-update.html https://mariadb.com/kb/en/update/
 */
#ifndef RACE_SHARED_WIRE_KEY_H
#define RACE_SHARED_WIRE_KEY_H

#include <stdbool.h>

#include "wire.h"

/* Values of parameters as text; "" where they can't be told. */
struct wire_key_parameters {
	char texts[WIRE_PARAMETERS][WIRE_KEY_BYTES / 2];
};

/*
 * Parameters are left as $1, $2, ... "" when it names no rows so, or it can't be told. True: the condition asks for
 * nothing else.
 */
bool wire_key_read(const char *sql, char key[WIRE_KEY_BYTES]);

/* The same of a SELECT from one table: all that it looks at have these. Of others it may be anything. */
bool wire_key_read_looked(const char *sql, char key[WIRE_KEY_BYTES]);

/* Puts parameters into their places; columns whose value is not told are left out. True: none was. */
bool wire_key_fill(char key[WIRE_KEY_BYTES], const struct wire_key_parameters *parameters);

/* What a decoder tells of a parameter; `big`: numbers have their greatest byte first. */
void wire_key_note(struct wire_key_parameters *parameters, const struct wire_event *event, bool big);

#endif
