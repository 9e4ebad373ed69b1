/*
 * A fulfilment whose shipment has a note of a megabyte, which the server reads in as many pieces as it likes: these are no
 * steps of the program, and replays are the same.
 * database: mariadb
 * time-limit: 180
 * race: explore
 * expect: serializability within 10
 * class: double effect
 */
#define SHOP_TABLE "CREATE TABLE notes (id int AUTO_INCREMENT PRIMARY KEY, order_id int NOT NULL, note longtext)"
#include "my_shop.h"

enum { NOTE_BYTES = 1000000 };

static void write_note(MYSQL *db, int order)
{
	char *sql = malloc(NOTE_BYTES + 100);
	int head = sprintf(sql, "INSERT INTO notes (order_id, note) VALUES (%d, '", order);

	memset(sql + head, 'x', NOTE_BYTES);
	strcpy(sql + head + NOTE_BYTES, "')");
	if (mysql_query(db, sql))
		shop_fail(db, "note");
	free(sql);
}

static void handle(int order)
{
	MYSQL *db = shop_open();

#ifdef FIXED
	if (shop_run(db, "UPDATE orders SET status = 'fulfilled' WHERE id = %d AND status = 'pending'", order) == 1)
		write_note(db, order);
#else
	if (shop_is_pending(db, order)) {
		shop_run(db, "UPDATE orders SET status = 'fulfilled' WHERE id = %d", order);
		write_note(db, order);
	}
#endif
	mysql_close(db);
}

#include "handlers.h"
