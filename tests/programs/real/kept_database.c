/* What an execution does to a database must not be seen by the next one: kept_database HOW. The database is made before the
 * first thread; each of two threads counts its one row up and adds a row, main reads the sums. Prints the same natively
 * and in every execution.
 *     file     each thread has a connection of its own
 *     shared   all use the one that main has opened before, and closes at the end
 *     memory   the same, in memory
 *     wal      as shared, with write-ahead logging: its index is shared memory
 *     locked   as file, while main holds a lock on another file
 */
#include <assert.h>
#include <fcntl.h>
#include <pthread.h>
#include <sqlite3.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

static const char *how, *path = "kept.db";
static sqlite3 *shared;

static bool is(const char *name)
{
	return strcmp(how, name) == 0;
}

static sqlite3 *connect_database(void)
{
	sqlite3 *connection;

	assert(sqlite3_open(path, &connection) == SQLITE_OK);
	sqlite3_busy_timeout(connection, 10000);
	return connection;
}

static void run(sqlite3 *connection, const char *sql)
{
	int code = sqlite3_exec(connection, sql, NULL, NULL, NULL);

	assert(code == SQLITE_OK);
}

static int ask(sqlite3 *connection, const char *sql)
{
	sqlite3_stmt *statement;

	assert(sqlite3_prepare_v2(connection, sql, -1, &statement, NULL) == SQLITE_OK);
	assert(sqlite3_step(statement) == SQLITE_ROW);
	int value = sqlite3_column_int(statement, 0);
	sqlite3_finalize(statement);
	return value;
}

static void *work(void *unused)
{
	sqlite3 *connection = shared ? shared : connect_database();

	run(connection, "UPDATE counters SET value = value + 1");
	run(connection, "INSERT INTO entries VALUES (1)");
	if (!shared)
		sqlite3_close(connection);
	return unused;
}

static void create(void)
{
	if (!is("memory"))
		unlink(path);
	sqlite3 *connection = connect_database();
	if (is("wal"))
		run(connection, "PRAGMA journal_mode = WAL");
	run(connection, "CREATE TABLE counters (value); INSERT INTO counters VALUES (40); CREATE TABLE entries (value)");
	if (is("file") || is("locked"))
		sqlite3_close(connection);
	else
		shared = connection;
}

static void lock_other_file(void)
{
	int file = open("other", O_RDWR | O_CREAT, 0600);

	assert(flock(file, LOCK_EX) == 0);
}

int main(int count, char **arguments)
{
	pthread_t threads[2];

	assert(count == 2);
	how = arguments[1];
	if (is("memory"))
		path = ":memory:";
	if (is("locked"))
		lock_other_file();
	create();
	for (int i = 0; i < 2; i++)
		pthread_create(&threads[i], NULL, work, NULL);
	for (int i = 0; i < 2; i++)
		pthread_join(threads[i], NULL);
	sqlite3 *connection = shared ? shared : connect_database();
	printf("%s %d %d\n", how, ask(connection, "SELECT value FROM counters"), ask(connection, "SELECT count(*) FROM entries"));
	sqlite3_close(connection);
	return 0;
}
