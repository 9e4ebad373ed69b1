/*
 * An integration test fires a webhook and a charge response at the shop's server, whose handlers both see a pending order
 * and both fulfil it. Nothing is marked: the two requests are the units. The order was created by a third, before.
 * race: explore -- threads
 * expect: serializability within 5
 * class: double effect
 * race: explore -- processes
 * expect: serializability within 10
 * class: double effect
 * race: explore -- loops
 * expect: serializability within 10
 * class: double effect
 * race: explore --carrier thread -- threads
 * expect: serializability within 5
 * class: double effect
 */
#define SHOP_SCHEMA "CREATE TABLE log (path TEXT NOT NULL);"
#include "http_shop.h"

static int http_handle(const char *method, const char *path, char *body, size_t nbytes)
{
	sqlite3 *db = shop_open();
	bool created = strcmp(path, "/orders") == 0;

	assert(strcmp(method, "POST") == 0);
	if (created)
		shop_run(shop_prepare(db, "UPDATE orders SET status = 'pending' WHERE id = 1"));
	snprintf(body, nbytes, "{\"fulfilled\": %s}", !created && fulfill(db) ? "true" : "false");
	sqlite3_close(db);
	return created ? 201 : 200;
}

static void *webhook(void *argument)
{
	return http_post("/webhook") == 200 ? NULL : argument;
}

static void *charge(void *argument)
{
	return http_post("/charge") == 200 ? NULL : argument;
}

int main(int argc, char **argv)
{
	const char *servers = argc > 1 ? argv[1] : "threads";

	shop_create();
	http_start(servers);
	int status = http_post("/orders");
	assert(status == 201);
	run_two(webhook, charge);
	http_stop(servers);
	return 0;
}
