/*
 * A counter kept in a blob: read, incremented and written back in two incremental blob calls without a transaction around them.
 * race: explore --max-executions 500
 * expect: serializability within 10
 */
#include "shop.h"

static void count_up(sqlite3 *db)
{
	sqlite3_blob *blob;
	unsigned char count = 0;

	if (sqlite3_blob_open(db, "main", "counters", "n", 1, 1, &blob) != SQLITE_OK)
		shop_fail(db, "blob");
	sqlite3_blob_read(blob, &count, 1, 0);
	sqlite3_blob_close(blob);
	if (sqlite3_blob_open(db, "main", "counters", "n", 1, 1, &blob) != SQLITE_OK)
		shop_fail(db, "blob");
	count++;
	sqlite3_blob_write(blob, &count, 1, 0);
	sqlite3_blob_close(blob);
}

static void *work(void *unused)
{
	sqlite3 *db = shop_open();

	count_up(db);
	sqlite3_close(db);
	return unused;
}

int main(void)
{
	pthread_t threads[2];
	sqlite3 *db;

	unlink(SHOP_DATABASE);
	db = shop_open();
	shop_exec(db, "CREATE TABLE counters (id INTEGER PRIMARY KEY, n BLOB); INSERT INTO counters VALUES (1, x'00')");
	sqlite3_close(db);
	for (int i = 0; i < 2; i++)
		pthread_create(&threads[i], NULL, work, NULL);
	for (int i = 0; i < 2; i++)
		pthread_join(threads[i], NULL);
	return 0;
}
