/*
 * Who waits for whom on a MariaDB server, and the end of sessions. information_schema.INNODB_TRX and INNODB_LOCK_WAITS
 * are a cache that is renewed only when nobody has read it for 100 ms: asked in a loop they never show a wait. What
 * SHOW ENGINE INNODB STATUS prints is always of now, and so is the list of processes, which shows the waits that are
 * not InnoDB's (for metadata, GET_LOCK, LOCK TABLES).
 */
#if __has_include(<mariadb/mysql.h>)

#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "mariadb.h"

enum { LIST_BYTES = 4096, PATIENCE_S = 20 };

static const char transaction_start[] = "---TRANSACTION ";

static void write_list(char *list, const int32_t *backends, uint32_t nbackends)
{
	size_t at = (size_t)snprintf(list, LIST_BYTES, "0");

	for (uint32_t i = 0; i < nbackends && at < LIST_BYTES - 16; i++)
		at += (size_t)snprintf(list + at, LIST_BYTES - at, ",%d", backends[i]);
}

static bool is_among(int32_t backend, const int32_t *backends, uint32_t nbackends)
{
	for (uint32_t i = 0; i < nbackends; i++)
		if (backends[i] == backend)
			return true;
	return false;
}

/* The thread of a transaction, which ends at `end`; 0: it has none. */
static int32_t thread_of(const char *transaction, const char *end)
{
	const char *at = strstr(transaction, "\nMariaDB thread id ");

	return at && at < end ? (int32_t)strtol(at + strlen("\nMariaDB thread id "), NULL, 10) : 0;
}

static bool is_waiting_in(const char *transaction, const char *end)
{
	const char *wait = strstr(transaction, "\nLOCK WAIT ");

	return wait && wait < end;
}

struct waits {
	int32_t backend;
	const int32_t *backends;
	uint32_t nbackends;
	bool waits, other; /* the backend waits; another one is in a transaction */
};

/* Reads the transactions out of a status. */
static void status_read(const char *status, struct waits *waits)
{
	const char *at = strstr(status, transaction_start);

	while (at) {
		const char *next = strstr(at + 1, transaction_start);
		const char *end = next ? next : at + strlen(at);
		int32_t thread = thread_of(at, end);
		if (thread == waits->backend)
			waits->waits = waits->waits || is_waiting_in(at, end);
		else if (thread && is_among(thread, waits->backends, waits->nbackends))
			waits->other = true;
		at = next;
	}
}

/* Does InnoDB keep it waiting, while another one has a transaction that may be why? */
static int waits_in_engine(struct server *server, int32_t backend, const int32_t *backends, uint32_t nbackends)
{
	struct waits waits = {.backend = backend, .backends = backends, .nbackends = nbackends};
	MYSQL_RES *result = mariadb_query(server, NULL, "SHOW ENGINE INNODB STATUS");
	MYSQL_ROW row = result ? mysql_fetch_row(result) : NULL;

	if (row && row[2])
		status_read(row[2], &waits);
	mysql_free_result(result);
	return !result ? -1 : waits.waits && waits.other;
}

#define IS_WAITING "(STATE LIKE 'Waiting for % lock' OR STATE = 'User lock')"

static int look(struct server *server, int32_t backend, const int32_t *backends, uint32_t nbackends)
{
	int waits = waits_in_engine(server, backend, backends, nbackends);

	if (waits != 0 || nbackends < 2)
		return waits;
	return (int)mariadb_number(server, NULL, "SELECT COUNT(*) FROM information_schema.PROCESSLIST WHERE ID = %d AND %s",
		backend, IS_WAITING);
}

/* Twice, because a wait is shown while InnoDB still looks whether it closes a cycle. */
int mariadb_is_blocked(struct server *server, int32_t backend, const int32_t *backends, uint32_t nbackends)
{
	int first = look(server, backend, backends, nbackends);

	if (first != 1)
		return first;
	sched_yield();
	return look(server, backend, backends, nbackends);
}

/* How many of `flying` are at work and wait for no lock; -1: can't be asked. */
static int busy(struct server *server, const int32_t *flying, uint32_t nflying, const int32_t *backends,
	uint32_t nbackends)
{
	char list[LIST_BYTES];
	int n = 0;

	write_list(list, flying, nflying);
	MYSQL_RES *result = mariadb_query(server, NULL, "SELECT ID FROM information_schema.PROCESSLIST WHERE ID IN (%s)"
		" AND COMMAND <> 'Sleep'", list);
	if (!result)
		return -1;
	for (MYSQL_ROW row; n >= 0 && (row = mysql_fetch_row(result));) {
		int blocked = mariadb_is_blocked(server, (int32_t)strtol(row[0], NULL, 10), backends, nbackends);
		n = blocked < 0 ? -1 : n + (blocked == 0);
	}
	mysql_free_result(result);
	return n;
}

int mariadb_settle(struct server *server, const int32_t *flying, uint32_t nflying, const int32_t *backends,
	uint32_t nbackends)
{
	time_t end = time(NULL) + PATIENCE_S;
	int n;

	while ((n = busy(server, flying, nflying, backends, nbackends)) > 0 && time(NULL) < end)
		sched_yield();
	return n == 0 ? 0 : -1;
}

int mariadb_wait_end(struct server *server, int32_t backend)
{
	time_t end = time(NULL) + PATIENCE_S;
	long long n;

	while ((n = mariadb_number(server, NULL, "SELECT COUNT(*) FROM information_schema.PROCESSLIST WHERE ID = %d",
			backend)) > 0 && time(NULL) < end)
		sched_yield();
	return n == 0 ? 0 : -1;
}

/* Beside a database that arrives, whatever theirs is. */
#define IS_OURS "COALESCE(DATABASE(), DB, '') = COALESCE(DB, '') AND ID <> CONNECTION_ID()"

/* The numbers of ended sessions aren't used again before the server is started anew; the database is looked at then. */
int mariadb_end_sessions(struct server *server, const int32_t *backends, uint32_t nbackends)
{
	char list[LIST_BYTES];
	time_t end = time(NULL) + PATIENCE_S;
	long long n = nbackends ? 1 : 0;

	write_list(list, backends, nbackends);
	MYSQL_RES *result = n ? mariadb_query(server, NULL, "SELECT ID FROM information_schema.PROCESSLIST WHERE ID IN (%s)"
		" AND " IS_OURS, list) : NULL;
	for (MYSQL_ROW row; result && (row = mysql_fetch_row(result));)
		mariadb_run(server, NULL, "KILL %s", row[0]); /* gone by itself meanwhile: as well */
	mysql_free_result(result);
	while (n > 0 && (n = mariadb_number(server, NULL, "SELECT COUNT(*) FROM information_schema.PROCESSLIST WHERE ID IN (%s)"
			" AND " IS_OURS, list)) > 0 && time(NULL) < end)
		sched_yield();
	return n == 0 ? 0 : -1;
}

#endif
