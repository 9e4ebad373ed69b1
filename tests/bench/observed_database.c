/* Two threads on one SQLite file: each reads and updates rows in transactions of its own. Prints the seconds it took. */
#include <pthread.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

static const char *path;
static long nrounds;

static double now(void)
{
	struct timespec time;
	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static void *work(void *first)
{
	sqlite3 *db;
	sqlite3_stmt *begin, *select, *update, *commit;
	sqlite3_open(path, &db);
	sqlite3_busy_timeout(db, 10000);
	sqlite3_prepare_v2(db, "BEGIN IMMEDIATE", -1, &begin, NULL);
	sqlite3_prepare_v2(db, "SELECT sum(amount) FROM entries WHERE account = ?", -1, &select, NULL);
	sqlite3_prepare_v2(db, "UPDATE entries SET amount = amount + 1 WHERE id = ?", -1, &update, NULL);
	sqlite3_prepare_v2(db, "COMMIT", -1, &commit, NULL);
	for (long i = 0; i < nrounds; i++) {
		sqlite3_step(begin);
		sqlite3_reset(begin);
		sqlite3_bind_int64(select, 1, i % 20);
		sqlite3_step(select);
		sqlite3_reset(select);
		sqlite3_bind_int64(update, 1, (i * 7 + (long)first) % 1000);
		sqlite3_step(update);
		sqlite3_reset(update);
		sqlite3_step(commit);
		sqlite3_reset(commit);
	}
	sqlite3_finalize(begin);
	sqlite3_finalize(select);
	sqlite3_finalize(update);
	sqlite3_finalize(commit);
	sqlite3_close(db);
	return NULL;
}

int main(int argc, char **argv)
{
	pthread_t first, second;
	sqlite3 *db;
	path = argv[1];
	nrounds = argc > 2 ? atol(argv[2]) : 5000;
	unlink(path);
	sqlite3_open(path, &db);
	sqlite3_exec(db, "PRAGMA journal_mode = WAL; CREATE TABLE entries (id INTEGER PRIMARY KEY, account INTEGER, amount INTEGER);"
		"WITH n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000) INSERT INTO entries SELECT i, i % 20, 0 FROM n;"
		"CREATE INDEX by_account ON entries (account)", NULL, NULL, NULL);
	sqlite3_close(db);
	double start = now();
	pthread_create(&first, NULL, work, (void *)0);
	pthread_create(&second, NULL, work, (void *)500);
	pthread_join(first, NULL);
	pthread_join(second, NULL);
	printf("%.4f\n", now() - start);
	return 0;
}
