/*
 * The part of SQLite's C interface that we intercept or call: our own declarations, so that librace.so builds without
 * its header. tests/abi_sqlite.c compares them with the real one. Reference: https://sqlite.org/c3ref/intro.html
 */
#ifndef RACE_ABI_SQLITE_H
#define RACE_ABI_SQLITE_H

#include <stdint.h>

struct sqlite3;
struct sqlite3_stmt;
struct sqlite3_blob;
struct sqlite3_backup;
struct sqlite3_value;

enum {
	ABI_SQLITE_OK = 0,
	ABI_SQLITE_BUSY = 5,
	ABI_SQLITE_LOCKED = 6,
	ABI_SQLITE_ROW = 100,
	ABI_SQLITE_DONE = 101,
};

/* types of values */
enum { ABI_SQLITE_INTEGER = 1, ABI_SQLITE_FLOAT = 2, ABI_SQLITE_TEXT = 3, ABI_SQLITE_BLOB = 4, ABI_SQLITE_NULL = 5 };

/* actions of the authorizer */
enum {
	ABI_SQLITE_CREATE_INDEX = 1, /* 1 .. 17 create or drop something */
	ABI_SQLITE_DELETE = 9,
	ABI_SQLITE_INSERT = 18,
	ABI_SQLITE_PRAGMA = 19,
	ABI_SQLITE_READ = 20,
	ABI_SQLITE_SELECT = 21,
	ABI_SQLITE_TRANSACTION = 22,
	ABI_SQLITE_UPDATE = 23,
	ABI_SQLITE_ATTACH = 24,
	ABI_SQLITE_DETACH = 25,
	ABI_SQLITE_ALTER_TABLE = 26,
	ABI_SQLITE_REINDEX = 27,
	ABI_SQLITE_ANALYZE = 28,
	ABI_SQLITE_CREATE_VTABLE = 29,
	ABI_SQLITE_DROP_VTABLE = 30,
	ABI_SQLITE_SAVEPOINT = 32,
};

typedef int abi_sqlite_authorizer(void *, int, const char *, const char *, const char *, const char *);
typedef int abi_sqlite_busy(void *, int);
typedef int abi_sqlite_callback(void *, int, char **, char **);
typedef void abi_sqlite_update(void *, int, const char *, const char *, int64_t);
typedef void abi_sqlite_preupdate(void *, struct sqlite3 *, int, const char *, const char *, int64_t, int64_t);

#endif
