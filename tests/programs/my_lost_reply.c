/*
 * A payment on MariaDB is made again when the reply to its COMMIT was lost: two payments.
 * database: mariadb
 * race: explore --max-executions 40
 * expect: clean
 *
 * race: explore --faults 1
 * expect: serializability within 10
 * class: double effect
 * message: the reply to COMMIT of
 */
#define SHOP_TABLE "CREATE TABLE paid (order_id integer PRIMARY KEY)"
#include "my_shop.h"

#define SESSION MYSQL
#define PARAMETER "%d"
#define shop_close mysql_close

enum { RUN_FINE, RUN_LOST, RUN_KNOWN };

static int try_run(MYSQL *db, const char *sql, int number)
{
	if (shop_try(db, sql, number) >= 0)
		return RUN_FINE;
	return mysql_errno(db) == 1062 ? RUN_KNOWN : RUN_LOST;
}

#include "lost_reply.h"
