/*
 * A payment on PostgreSQL is made again when the reply to its COMMIT was lost: two payments.
 * database: postgresql
 * race: explore --max-executions 40
 * expect: clean
 *
 * race: explore --faults 1
 * expect: serializability within 10
 * class: double effect
 * message: the reply to COMMIT of
 */
#define SHOP_TABLE "CREATE TABLE paid (order_id integer PRIMARY KEY)"
#include "pg_shop.h"

#define SESSION PGconn
#define PARAMETER "$1"
#define shop_close PQfinish

enum { RUN_FINE, RUN_LOST, RUN_KNOWN };

static int try_run(PGconn *db, const char *sql, int number)
{
	char text[16];
	const char *const values[] = {text};

	snprintf(text, sizeof text, "%d", number);
	PGresult *result = PQexecParams(db, sql, strchr(sql, '$') ? 1 : 0, NULL, values, NULL, NULL, 0);
	const char *code = PQresultErrorField(result, PG_DIAG_SQLSTATE);
	int outcome = PQstatus(db) != CONNECTION_OK ? RUN_LOST : code && strcmp(code, "23505") == 0 ? RUN_KNOWN : RUN_FINE;

	PQclear(result);
	return outcome;
}

#include "lost_reply.h"
