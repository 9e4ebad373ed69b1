/*
 * Two workers charge the order that is pending at a payment provider, over HTTP, and then note in the database that it
 * was charged: the provider is asked twice, and the database is perfect. outside.sh starts the provider, which nobody
 * controls, and names its port; with FIXED the one who notes it first charges.
 */
#include "shop.h"

#include <arpa/inet.h>
#include <sys/socket.h>

static int provider_port;

/* The header and the body in two pieces, as some clients do. */
static void charge_order(int order)
{
	char head[256], body[64], reply[256];
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)provider_port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	int nbody = snprintf(body, sizeof body, "order=%d&amount=100", order);
	int nhead = snprintf(head, sizeof head, "POST /charges HTTP/1.1\r\nHost: provider\r\nConnection: close\r\n"
		"Content-Length: %d\r\n\r\n", nbody);

	if (connect(fd, (const struct sockaddr *)&address, sizeof address) != 0)
		exit(3);
	if (send(fd, head, (size_t)nhead, 0) != nhead || send(fd, body, (size_t)nbody, 0) != nbody)
		exit(3);
	while (recv(fd, reply, sizeof reply, 0) > 0)
		;
	close(fd);
}

static void note(sqlite3 *db, int order)
{
	sqlite3_stmt *statement = shop_prepare(db, "UPDATE orders SET status = 'charged' WHERE id = ? AND status = 'pending'");

	sqlite3_bind_int(statement, 1, order);
	shop_run(statement);
}

static void handle(int order)
{
	sqlite3 *db = shop_open();

#ifdef FIXED
	note(db, order);
	if (sqlite3_changes(db) == 1)
		charge_order(order);
#else
	if (shop_is_pending(db, order)) {
		charge_order(order);
		note(db, order);
	}
#endif
	sqlite3_close(db);
}

static void *work(void *order)
{
	handle(*(int *)order);
	return NULL;
}

int main(int argc, char **argv)
{
	pthread_t threads[2];
	int order = 1;

	provider_port = argc > 1 ? atoi(argv[1]) : 0;
	shop_create();
	for (int i = 0; i < 2; i++)
		pthread_create(&threads[i], NULL, work, &order);
	for (int i = 0; i < 2; i++)
		pthread_join(threads[i], NULL);
	return 0;
}
