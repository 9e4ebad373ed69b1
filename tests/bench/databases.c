/*
 * A shop of two handlers on a database server, PostgreSQL or MariaDB by its URL in SHOP_URL, whose tables are there
 * before. What databases.sh explores, and what it compares that with:
 *
 *     inside, before       two threads handle an order each, on connections that they make, or main has made
 *     plain N              the same statements N times one after another, on two connections
 *     connecting N         the same, on connections made each time
 *     template N           the database is dropped and made anew from a template N times (PostgreSQL)
 *     refill N             its two tables are emptied and filled from copies N times
 *     explorer N COMMAND   the same statements N times; after each COMMAND (tests/db/adapter) reads the content and puts
 *                          the start state back: how long it took
 *
 * All but the first two print microseconds for one, the median.
 */
#include <mariadb/mysql.h>
#include <postgresql/libpq-fe.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { MOST = 100000 };

struct client {
	PGconn *postgres;
	MYSQL *mariadb;
};

static const char *url;
static double times_us[MOST];
static int nasked;

static void fail(const char *what)
{
	fprintf(stderr, "databases: %s\n", what);
	exit(3);
}

/* mysql:///NAME?socket=FILE&user=USER */
static MYSQL *join_mariadb(void)
{
	static char name[64], socket[256];
	MYSQL *mariadb = mysql_init(NULL);

	if (sscanf(url, "mysql:///%63[^?]?socket=%255[^&]", name, socket) != 2)
		fail("the URL is not as databases.sh makes it");
	if (!mysql_real_connect(mariadb, NULL, "shop", NULL, name, 0, socket, 0))
		fail(mysql_error(mariadb));
	return mariadb;
}

static struct client join_postgres(const char *where)
{
	struct client client = {.postgres = PQconnectdb(where)};

	if (PQstatus(client.postgres) != CONNECTION_OK)
		fail(PQerrorMessage(client.postgres));
	return client;
}

static struct client join(void)
{
	if (strncmp(url, "mysql", 5) != 0)
		return join_postgres(url);
	return (struct client){.mariadb = join_mariadb()};
}

static void leave(struct client *client)
{
	if (client->postgres)
		PQfinish(client->postgres);
	else
		mysql_close(client->mariadb);
}

/* The rows that it returned or changed. */
static long run(struct client *client, const char *sql)
{
	long n;

	nasked++;
	if (client->postgres) {
		PGresult *result = PQexec(client->postgres, sql);
		if (PQresultStatus(result) != PGRES_COMMAND_OK && PQresultStatus(result) != PGRES_TUPLES_OK)
			fail(PQerrorMessage(client->postgres));
		n = strtol(PQcmdTuples(result), NULL, 10);
		PQclear(result);
		return n;
	}
	if (mysql_query(client->mariadb, sql) != 0)
		fail(mysql_error(client->mariadb));
	MYSQL_RES *result = mysql_store_result(client->mariadb);
	n = (long)mysql_affected_rows(client->mariadb);
	mysql_free_result(result);
	return n;
}

static void handle(struct client *client)
{
	if (run(client, "SELECT status FROM orders WHERE id = 1 AND status = 'pending'") == 1 &&
		run(client, "UPDATE orders SET status = 'done' WHERE id = 1 AND status = 'pending'") == 1)
		run(client, "INSERT INTO shipments (order_id) VALUES (1)");
}

static void *unit(void *made)
{
	struct client client, *before = made;

	if (!before)
		client = join();
	handle(before ? before : &client);
	if (!before)
		leave(&client);
	return NULL;
}

static int explored(int before)
{
	struct client clients[2];
	pthread_t threads[2];

	for (int i = 0; i < 2; i++)
		if (before)
			clients[i] = join();
	for (int i = 0; i < 2; i++)
		pthread_create(&threads[i], NULL, unit, before ? &clients[i] : NULL);
	for (int i = 0; i < 2; i++)
		pthread_join(threads[i], NULL);
	return 0;
}

static double now_us(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec * 1e6 + (double)time.tv_nsec / 1e3;
}

static int compare_times(const void *left, const void *right)
{
	double l = *(const double *)left, r = *(const double *)right;

	return l < r ? -1 : l > r;
}

static void print_median(int n)
{
	qsort(times_us, (size_t)n, sizeof *times_us, compare_times);
	printf("%.0f\n", times_us[n / 2]);
}

static void undo(struct client *client)
{
	run(client, "UPDATE orders SET status = 'pending' WHERE id = 1");
	run(client, "DELETE FROM shipments");
}

static void plain(int n, int connecting)
{
	struct client clients[2] = {join(), join()}, made;

	for (int i = 0; i < n; i++) {
		double start = now_us();
		for (int j = 0; j < 2; j++) {
			if (connecting)
				made = join();
			handle(connecting ? &made : &clients[j]);
			if (connecting)
				leave(&made);
		}
		times_us[i] = now_us() - start;
		undo(&clients[0]);
	}
	print_median(n);
}

static void template(int n)
{
	char postgres[512], *name = strstr(url, ":///") + 4;

	snprintf(postgres, sizeof postgres, "postgresql:///postgres%s", strchr(name, '?'));
	struct client other = join_postgres(postgres);
	for (int i = 0; i < n; i++) {
		double start = now_us();
		run(&other, "DROP DATABASE shop");
		run(&other, "CREATE DATABASE shop TEMPLATE shop_template");
		struct client client = join();
		times_us[i] = now_us() - start;
		leave(&client);
		usleep(1000); /* until the server has ended that session */
	}
	print_median(n);
}

static void refill(int n)
{
	struct client client = join();

	for (int i = 0; i < n; i++) {
		double start = now_us();
		run(&client, "TRUNCATE TABLE shipments");
		run(&client, "INSERT INTO shipments SELECT * FROM shipments_copy");
		run(&client, "TRUNCATE TABLE orders");
		run(&client, "INSERT INTO orders SELECT * FROM orders_copy");
		times_us[i] = now_us() - start;
	}
	print_median(n);
}

/* Its lines go to `to`, its answers come from `from`. */
static void start_adapter(const char *adapter, FILE **to, FILE **from)
{
	int in[2], out[2];

	if (pipe(in) < 0 || pipe(out) < 0)
		fail("pipe");
	if (fork() == 0) {
		dup2(in[0], 0);
		dup2(out[1], 1);
		close(in[1]);
		execl(adapter, adapter, url, (char *)NULL);
		_exit(127);
	}
	close(in[0]);
	close(out[1]);
	*to = fdopen(in[1], "w");
	*from = fdopen(out[0], "r");
}

static void ask(FILE *to, FILE *from, const char *question, const char *wanted)
{
	char line[512];

	fprintf(to, "%s\n", question);
	fflush(to);
	if (!fgets(line, sizeof line, from) || (wanted && strcmp(line, wanted) != 0))
		fail(line);
}

static void explorer(int n, const char *adapter)
{
	struct client clients[2];
	FILE *to, *from;
	char said[64];

	start_adapter(adapter, &to, &from);
	ask(to, from, "keep", "ok\n");
	clients[0] = join();
	clients[1] = join();
	for (int i = 0; i < n; i++) {
		handle(&clients[0]);
		handle(&clients[1]);
		snprintf(said, sizeof said, "hear %d 1", nasked);
		nasked = 0;
		ask(to, from, said, "ok\n");
		double start = now_us();
		ask(to, from, "digest", NULL);
		ask(to, from, "reset", "ok\n");
		times_us[i] = now_us() - start;
	}
	fclose(to);
	wait(NULL);
	print_median(n);
}

int main(int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "";
	int n = argc > 2 ? atoi(argv[2]) : 0;

	url = getenv("SHOP_URL");
	if (!url || n < 0 || n > MOST)
		fail("SHOP_URL must be set");
	if (strcmp(what, "inside") == 0 || strcmp(what, "before") == 0)
		return explored(*what == 'b');
	if (strcmp(what, "plain") == 0 || strcmp(what, "connecting") == 0)
		plain(n, *what == 'c');
	else if (strcmp(what, "template") == 0)
		template(n);
	else if (strcmp(what, "refill") == 0)
		refill(n);
	else if (strcmp(what, "explorer") == 0 && argc > 3)
		explorer(n, argv[3]);
	else
		fail("inside, before, plain, connecting, template, refill or explorer");
	return 0;
}
