#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
static void drain(PGconn *c)
{
	PGresult *r;
	while ((r = PQgetResult(c))) {
		printf("%s %s\n", PQresStatus(PQresultStatus(r)),
			PQresultErrorField(r, PG_DIAG_SQLSTATE) ?: PQcmdTuples(r));
		PQclear(r);
	}
}
static void run(PGresult *r)
{
	printf("%s %s\n", PQresStatus(PQresultStatus(r)), PQresultErrorField(r, PG_DIAG_SQLSTATE) ?: PQcmdTuples(r));
	PQclear(r);
}
int main(int argc, char **argv)
{
	(void)argc;
	PGconn *c = PQconnectdb(argv[1]);
	const char *what = argv[2];
	if (PQstatus(c) != CONNECTION_OK) {
		fputs(PQerrorMessage(c), stderr);
		PQfinish(c);
		return 1;
	}
	const char *v[3] = {"7", "kühl", NULL};
	int bin = 0x2a000000;
	const char *bv[1] = {(char *)&bin};
	int bl[1] = {4}, bf[1] = {1};
	if (!strcmp(what, "simple")) {
		run(PQexec(c, "CREATE TABLE t (id int PRIMARY KEY, name text)"));
		run(PQexec(c, "INSERT INTO t VALUES (1,'a'),(2,'b')"));
		run(PQexec(c, "SELECT * FROM t ORDER BY id"));
		run(PQexec(c, "UPDATE t SET name = 'c' WHERE id > 0"));
		run(PQexec(c, "BEGIN"));
		run(PQexec(c, "SELECT 1/0"));
		run(PQexec(c, "SELECT 1"));
		run(PQexec(c, "ROLLBACK"));
		run(PQexec(c, "INSERT INTO t VALUES (1,'dup')"));
		run(PQexec(c, ""));
		run(PQexec(c, "SELECT 1; UPDATE t SET name='x' WHERE id=1; SELECT 1/0; SELECT 3"));
		run(PQexec(c, "DO $$ BEGIN RAISE NOTICE 'hello'; END $$"));
		run(PQexec(c, "CREATE TABLE u AS SELECT * FROM t"));
		run(PQexec(c, "LISTEN news"));
		run(PQexec(c, "NOTIFY news, 'payload'"));
	} else if (!strcmp(what, "extended")) {
		run(PQprepare(c, "one", "SELECT $1::int, $2::text, $3::text", 0, NULL));
		run(PQexecPrepared(c, "one", 3, v, NULL, NULL, 0));
		run(PQexecPrepared(c, "one", 3, v, NULL, NULL, 1));
		run(PQexecParams(c, "UPDATE t SET name = 'q' WHERE id = $1", 1, NULL, bv, bl, bf, 0));
		run(PQexecParams(c, "SELECT $1::int / 0", 1, NULL, v, NULL, NULL, 0));
		run(PQprepare(c, "bad", "SELEC", 0, NULL));
		run(PQdescribePrepared(c, "one"));
		run(PQexecParams(c, "", 0, NULL, NULL, NULL, NULL, 0));
	} else if (!strcmp(what, "pipeline")) {
		PQenterPipelineMode(c);
		PQsendPrepare(c, "p", "INSERT INTO t VALUES ($1, $2)", 0, NULL);
		const char *a[2] = {"10", "x"};
		PQsendQueryPrepared(c, "p", 2, a, NULL, NULL, 0);
		a[0] = "11";
		PQsendQueryPrepared(c, "p", 2, a, NULL, NULL, 0);
		PQpipelineSync(c);
		PQsendQueryPrepared(c, "p", 2, a, NULL, NULL, 0);
		a[0] = "12";
		PQsendQueryPrepared(c, "p", 2, a, NULL, NULL, 0);
		PQpipelineSync(c);
		PQsendQueryParams(c, "SELECT count(*) FROM t", 0, NULL, NULL, NULL, NULL, 0);
		PQpipelineSync(c);
		for (int nsync = 0; nsync < 3;) {
			PGresult *r = PQgetResult(c);
			if (!r)
				continue;
			if (PQresultStatus(r) == PGRES_PIPELINE_SYNC)
				nsync++;
			printf("%s\n", PQresStatus(PQresultStatus(r)));
			PQclear(r);
		}
		PQsendQueryParams(c, "SELECT generate_series(1,3)", 0, NULL, NULL, NULL, NULL, 0);
		PQsendFlushRequest(c);
		PQflush(c);
		drain(c);
		PQsendQueryParams(c, "SELECT 1/0", 0, NULL, NULL, NULL, NULL, 0);
		PQsendFlushRequest(c);
		PQflush(c);
		drain(c);
		PQsendQueryParams(c, "SELECT 2", 0, NULL, NULL, NULL, NULL, 0);
		PQsendFlushRequest(c);
		PQflush(c);
		drain(c);
		PQpipelineSync(c);
		for (int d = 0; !d;) {
			PGresult *r = PQgetResult(c);
			if (r) {
				d = PQresultStatus(r) == PGRES_PIPELINE_SYNC;
				PQclear(r);
			}
		}
		PQexitPipelineMode(c);
		run(PQexec(c, "SELECT 5"));
	} else if (!strcmp(what, "copy")) {
		run(PQexec(c, "COPY t FROM STDIN"));
		PQputCopyData(c, "20\tone\n21\ttwo\n", 14);
		PQputCopyEnd(c, NULL);
		drain(c);
		run(PQexec(c, "COPY t TO STDOUT"));
		char *b;
		while (PQgetCopyData(c, &b, 0) > 0)
			PQfreemem(b);
		drain(c);
		run(PQexecParams(c, "COPY t FROM STDIN", 0, NULL, NULL, NULL, NULL, 0));
		PQputCopyData(c, "30\tx\n", 5);
		PQputCopyEnd(c, NULL);
		drain(c);
		run(PQexecParams(c, "COPY t FROM STDIN", 0, NULL, NULL, NULL, NULL, 0));
		PQputCopyData(c, "bad\tx\n", 6);
		PQputCopyEnd(c, NULL);
		drain(c);
		run(PQexec(c, "COPY t FROM STDIN"));
		PQputCopyData(c, "40\tx\n", 5);
		PQputCopyEnd(c, "no more");
		drain(c);
		run(PQexecParams(c, "COPY t TO STDOUT", 0, NULL, NULL, NULL, NULL, 0));
		while (PQgetCopyData(c, &b, 0) > 0)
			PQfreemem(b);
		drain(c);
		run(PQexec(c, "SELECT 1"));
	} else if (!strcmp(what, "cancel")) {
		char e[256];
		PQsendQuery(c, "SELECT pg_sleep(30)");
		PGcancel *k = PQgetCancel(c);
		PQcancel(k, e, sizeof e);
		PQfreeCancel(k);
		drain(c);
	} else if (!strcmp(what, "killed")) {
		run(PQexec(c, "SELECT pg_terminate_backend(pg_backend_pid())"));
	} else if (!strcmp(what, "cursor")) {
		run(PQexec(c, "BEGIN"));
		run(PQexec(c, "DECLARE k CURSOR FOR SELECT generate_series(1,5)"));
		run(PQexec(c, "FETCH 2 FROM k"));
		run(PQexec(c, "MOVE 1 IN k"));
		run(PQexec(c, "COMMIT"));
	}
	PQfinish(c);
	return 0;
}
