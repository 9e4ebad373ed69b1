/*
 * Two threads on a PostgreSQL server, each with a connection of its own: rows are read by statements with their numbers in
 * the text and changed by a prepared one. Prints the seconds it took.
 */
#include <postgresql/libpq-fe.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static const char *url;
static long nrounds;

static double now(void)
{
	struct timespec time;
	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static void *work(void *first)
{
	PGconn *db = PQconnectdb(url);
	PQclear(PQprepare(db, "change", "UPDATE entries SET amount = $2 WHERE id = $1", 2, NULL));
	for (long i = 0; i < nrounds; i++) {
		char sql[100], id[24];
		const char *const values[] = {id, "5"};
		snprintf(id, sizeof id, "%ld", (i * 7 + (long)first) % 1000);
		snprintf(sql, sizeof sql, "SELECT amount, account FROM entries WHERE id = %s", id);
		PQclear(PQexec(db, sql));
		PQclear(PQexecPrepared(db, "change", 2, values, NULL, NULL, 0));
	}
	PQfinish(db);
	return NULL;
}

int main(int argc, char **argv)
{
	pthread_t first, second;
	url = argv[1];
	nrounds = argc > 2 ? atol(argv[2]) : 5000;
	PGconn *db = PQconnectdb(url);
	PQclear(PQexec(db, "DROP TABLE IF EXISTS entries; CREATE TABLE entries (id integer PRIMARY KEY, account integer, amount integer);"
		"INSERT INTO entries SELECT i, i % 20, 0 FROM generate_series(0, 999) i"));
	PQfinish(db);
	double start = now();
	pthread_create(&first, NULL, work, (void *)0);
	pthread_create(&second, NULL, work, (void *)500);
	pthread_join(first, NULL);
	pthread_join(second, NULL);
	printf("%.4f\n", now() - start);
	return 0;
}
