/*
 * Two tasks say to the server all that the protocol allows: a statement longer than any buffer, a reply longer than the
 * kernel holds, more prepared statements than are remembered, COPY in both directions, a pipeline, notices, and an error
 * that another statement does not see. What each has written is its own, and complete.
 * race: explore --max-executions 6
 * expect: clean
 * database: postgresql
 * time-limit: 120
 */
#include "pg_shop.h"

enum { PREPARED = 300, LONG = 1 << 20, ROWS = 4000 };

static void check(PGconn *db, PGresult *result, ExecStatusType wanted, const char *what)
{
	if (PQresultStatus(result) != wanted)
		shop_fail(db, what);
	PQclear(result);
}

static void ask_long(PGconn *db)
{
	char *sql = malloc(LONG + 64);

	strcpy(sql, "SELECT length('");
	memset(sql + strlen("SELECT length('"), 'x', LONG);
	strcpy(sql + strlen("SELECT length('") + LONG, "')");
	PGresult *result = PQexec(db, sql);
	if (PQntuples(result) != 1 || atoi(PQgetvalue(result, 0, 0)) != LONG)
		shop_fail(db, "long statement");
	PQclear(result);
	result = PQexec(db, "SELECT repeat('y', 100) FROM generate_series(1, 10000)");
	if (PQntuples(result) != 10000)
		shop_fail(db, "long reply");
	PQclear(result);
	free(sql);
}

static void ask_prepared(PGconn *db)
{
	char name[16], sql[64];

	for (int i = 0; i < PREPARED; i++) {
		snprintf(name, sizeof name, "s%d", i);
		snprintf(sql, sizeof sql, "SELECT %d + 1", i);
		check(db, PQprepare(db, name, sql, 0, NULL), PGRES_COMMAND_OK, "prepare");
	}
	check(db, PQexecPrepared(db, "s0", 0, NULL, NULL, NULL, 0), PGRES_TUPLES_OK, "execute");
}

static void copy(PGconn *db, const char *name)
{
	char sql[64], row[] = "1\tlonger than nothing\n", *line;

	snprintf(sql, sizeof sql, "COPY %s FROM STDIN", name);
	check(db, PQexec(db, sql), PGRES_COPY_IN, "copy");
	for (int i = 0; i < ROWS; i++)
		PQputCopyData(db, row, (int)strlen(row));
	PQputCopyEnd(db, NULL);
	check(db, PQgetResult(db), PGRES_COMMAND_OK, "copied");
	while (PQgetResult(db)) {
	}
	snprintf(sql, sizeof sql, "COPY %s TO STDOUT", name);
	check(db, PQexec(db, sql), PGRES_COPY_OUT, "copy out");
	int rows = 0;
	for (; PQgetCopyData(db, &line, 0) > 0; rows++)
		PQfreemem(line);
	check(db, PQgetResult(db), PGRES_COMMAND_OK, "copied out");
	while (PQgetResult(db)) {
	}
	if (rows != ROWS)
		shop_fail(db, "rows of the copy");
}

/* Two statements, one flush; the second fails, and undoes the first. */
static void pipeline(PGconn *db, const char *name)
{
	char sql[64];
	int errors = 0, syncs = 0;

	snprintf(sql, sizeof sql, "DELETE FROM %s", name);
	PQenterPipelineMode(db);
	PQsendQueryParams(db, sql, 0, NULL, NULL, NULL, NULL, 0);
	PQsendQueryParams(db, "SELECT 1 / 0", 0, NULL, NULL, NULL, NULL, 0);
	PQpipelineSync(db);
	while (syncs == 0) {
		PGresult *result = PQgetResult(db);
		errors += result && PQresultStatus(result) == PGRES_FATAL_ERROR;
		syncs += result && PQresultStatus(result) == PGRES_PIPELINE_SYNC;
		PQclear(result);
	}
	if (errors != 1 || !PQexitPipelineMode(db))
		shop_fail(db, "pipeline");
}

static void be_quiet(void *context, const char *message)
{
	(void)message;
	++*(int *)context;
}

static void *converse(void *name)
{
	PGconn *db = shop_open();
	int notices = 0;
	char sql[64];

	PQsetNoticeProcessor(db, be_quiet, &notices);
	ask_long(db);
	ask_prepared(db);
	check(db, PQexec(db, "DO $$ BEGIN RAISE WARNING 'look'; END $$"), PGRES_COMMAND_OK, "notice");
	copy(db, name);
	pipeline(db, name);
	snprintf(sql, sizeof sql, "SELECT count(*)::int FROM %s", (const char *)name);
	PGresult *result = PQexec(db, sql);
	if (notices != 1 || PQntuples(result) != 1 || atoi(PQgetvalue(result, 0, 0)) != ROWS)
		shop_fail(db, "what was written");
	PQclear(result);
	PQfinish(db);
	return NULL;
}

int main(void)
{
	PGconn *db = shop_open();
	pthread_t other;

	shop_run(db, "CREATE TABLE mine (id integer, text text)", 0);
	shop_run(db, "CREATE TABLE yours (id integer, text text)", 0);
	PQfinish(db);
	pthread_create(&other, NULL, converse, "yours");
	converse("mine");
	pthread_join(other, NULL);
	return 0;
}
