/*
 * Rows are asked for until there are none, so that the last step of a statement gives its locks back, and commits what
 * RETURNING has told. The order's status is read first, and its update does not look at it again; fixed, it does. Nobody
 * is turned away while the other can go on.
 * race: explore
 * expect: serializability within 5
 * class: double effect
 */
#include "shop.h"

#include <assert.h>

static pthread_mutex_t log_lock = PTHREAD_MUTEX_INITIALIZER;
static int nrows;

/* Whether there was a row, with all of them fetched before the statement is done with. */
static int fetch(sqlite3 *db, const char *sql, char *first)
{
	sqlite3_stmt *statement = shop_prepare(db, sql);
	int result = sqlite3_step(statement), found = result == SQLITE_ROW;

	if (found)
		*first = *(const char *)sqlite3_column_text(statement, 0);
	while (result == SQLITE_ROW) {
		pthread_mutex_lock(&log_lock);
		nrows++;
		pthread_mutex_unlock(&log_lock);
		result = sqlite3_step(statement);
	}
	assert(result == SQLITE_DONE);
	sqlite3_finalize(statement);
	return found;
}

#ifdef FIXED
#define CONDITION " AND status = 'pending'"
#else
#define CONDITION ""
#endif

static int claim(sqlite3 *db)
{
	char first = 0;

	return fetch(db, "SELECT status FROM orders WHERE id = 1", &first) && first == 'p' &&
		fetch(db, "UPDATE orders SET status = 'fulfilled' WHERE id = 1" CONDITION " RETURNING id", &first);
}

static void handle(int order)
{
	sqlite3 *db = shop_open();
	char first;

	assert(order == 1);
	if (claim(db))
		fetch(db, "INSERT INTO shipments (order_id) VALUES (1) RETURNING id", &first);
	sqlite3_close(db);
}

#include "handlers.h"
