/*
 * Two clients look at the order, fulfil it and look again, all on one connection each, that of the charge and that of the
 * webhook: what is to come between the check and the change of one is the third request of the other.
 * race: explore -- threads
 * expect: serializability within 10
 * class: double effect
 * message: POST /webhook and POST /charge both read orders
 * race: explore -- processes
 * expect: serializability within 10
 * class: double effect
 * race: explore -- loops
 * expect: serializability within 30
 * class: double effect
 */
#include "http_shop.h"

static int http_handle(const char *method, const char *path, char *body, size_t nbytes)
{
	sqlite3 *db = shop_open();
	bool done = strcmp(method, "GET") == 0 ? shop_is_pending(db, 1) : fulfill(db);

	snprintf(body, nbytes, "%s: %s", path, done ? "yes" : "no");
	sqlite3_close(db);
	return 200;
}

static void *converse(const char *path)
{
	static int failed;
	int fd = http_connect(), status = 200;

	for (int i = 0; i < 4 && status == 200; i++)
		status = http_ask(fd, i == 2 ? "POST" : "GET", i == 2 ? path : "/order");
	close(fd);
	return status == 200 ? NULL : &failed;
}

static void *webhook(void *argument)
{
	(void)argument;
	return converse("/webhook");
}

static void *charge(void *argument)
{
	(void)argument;
	return converse("/charge");
}

int main(int argc, char **argv)
{
	const char *servers = argc > 1 ? argv[1] : "threads";

	shop_create();
	http_start(servers);
	run_two(webhook, charge);
	http_stop(servers);
	return 0;
}
