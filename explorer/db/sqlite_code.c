#include "sqlite_code.h"

#include <stddef.h>

enum { CODE_OK = 0, CODE_BUSY = 5, CODE_CONSTRAINT = 19, CODE_ROW = 100, CODE_DONE = 101 };

static const char *const texts[] = {
	[1] = "SQLITE_ERROR",
	[2] = "SQLITE_INTERNAL",
	[3] = "SQLITE_PERM: access denied",
	[4] = "SQLITE_ABORT: given up after a rollback",
	[5] = "SQLITE_BUSY: locked by another connection",
	[6] = "SQLITE_LOCKED: locked by this connection",
	[7] = "SQLITE_NOMEM: out of memory",
	[8] = "SQLITE_READONLY: the database can't be written",
	[9] = "SQLITE_INTERRUPT",
	[10] = "SQLITE_IOERR: the file can't be read or written",
	[11] = "SQLITE_CORRUPT: the file is damaged",
	[13] = "SQLITE_FULL: no room left",
	[14] = "SQLITE_CANTOPEN: the file can't be opened",
	[15] = "SQLITE_PROTOCOL: lost a race for a lock too often",
	[17] = "SQLITE_SCHEMA: the schema has changed",
	[18] = "SQLITE_TOOBIG: a value is too large",
	[19] = "SQLITE_CONSTRAINT: a constraint is violated",
	[20] = "SQLITE_MISMATCH: wrong type",
	[21] = "SQLITE_MISUSE: the library is used wrongly",
	[25] = "SQLITE_RANGE: there is no such parameter",
	[26] = "SQLITE_NOTADB: the file is no database",
};

static int64_t primary(int64_t code)
{
	return code & 0xff;
}

bool sqlite_code_is_constraint(int64_t code)
{
	return primary(code) == CODE_CONSTRAINT;
}

bool sqlite_code_is_busy(int64_t code)
{
	return primary(code) == CODE_BUSY;
}

bool sqlite_code_is_row(int64_t code)
{
	return code == CODE_ROW;
}

bool sqlite_code_is_success(int64_t code)
{
	return code == CODE_OK || code == CODE_ROW || code == CODE_DONE;
}

const char *sqlite_code_text(int64_t code)
{
	size_t index = (size_t)primary(code);

	if (sqlite_code_is_success(code))
		return "SQLITE_OK";
	return index < sizeof(texts) / sizeof(texts[0]) && texts[index] ? texts[index] : "an SQLite error";
}
