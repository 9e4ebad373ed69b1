/* What handlers leave in sessions of a pool is not there in the next execution: run by tests/db/pooled_sessions.sh. Its
 * argument is a statement that leaves something; each handler first compares what its session has with what it had when
 * main opened it. Several are separated by semicolons. With a second argument a statement was prepared before. It ends
 * with status 9 when the handlers were at work at the same time.
 */
#include "my_shop.h"

struct pooled {
	MYSQL *db;
	MYSQL_STMT *kept;
	char state[512];
};

static const char *leaving;
static int working, overlapped;

static void look(MYSQL *db, char *state, size_t nbytes)
{
	if (mysql_query(db, "SELECT CONCAT_WS(' ', @@autocommit, @@sql_mode, @@tx_isolation, @@character_set_client,"
			" @@collation_connection, @@max_statement_time, @@in_transaction, DATABASE(), LAST_INSERT_ID(), @left,"
			" IS_USED_LOCK(CONCAT('left', CONNECTION_ID())))"))
		shop_fail(db, "look");
	MYSQL_RES *result = mysql_store_result(db);
	MYSQL_ROW row = mysql_fetch_row(result);
	snprintf(state, nbytes, "%s", row[0]);
	mysql_free_result(result);
}

static void leave(MYSQL *db)
{
	char text[512], *rest = text;

	snprintf(text, sizeof text, "%s", leaving);
	for (char *sql; (sql = strsep(&rest, ";"));)
		shop_run(db, sql, 0);
}

static MYSQL_STMT *prepare(MYSQL *db, const char *sql)
{
	MYSQL_STMT *statement = mysql_stmt_init(db);

	if (mysql_stmt_prepare(statement, sql, strlen(sql)))
		shop_fail(db, sql);
	return statement;
}

static void *handle(void *argument)
{
	struct pooled *pooled = argument;
	char state[sizeof pooled->state];

	overlapped |= working++;
	look(pooled->db, state, sizeof state);
	if (strcmp(state, pooled->state) != 0) {
		fprintf(stderr, "left: %s instead of %s\n", state, pooled->state);
		exit(3);
	}
	if (pooled->kept && (mysql_stmt_execute(pooled->kept) || mysql_stmt_store_result(pooled->kept) ||
			mysql_stmt_num_rows(pooled->kept) != 1))
		shop_fail(pooled->db, "kept");
	if (pooled->kept)
		mysql_stmt_close(pooled->kept);
	mysql_stmt_execute(prepare(pooled->db, "UPDATE orders SET amount = amount")); /* never closed */
	leave(pooled->db);
	working--;
	return NULL;
}

static void fill(struct pooled *pooled, bool prepared)
{
	pooled->db = shop_open();
	shop_run(pooled->db, "SET NAMES utf8mb4", 0);
	shop_run(pooled->db, "SET SESSION max_statement_time = 50, sql_mode = 'ANSI_QUOTES'", 0);
	pooled->kept = prepared ? prepare(pooled->db, "SELECT status FROM orders WHERE id = 1") : NULL;
	look(pooled->db, pooled->state, sizeof pooled->state);
}

int main(int argc, char **argv)
{
	struct pooled pool[2];
	pthread_t threads[2];

	leaving = argc > 1 ? argv[1] : "SELECT 1";
	for (int i = 0; i < 2; i++)
		fill(&pool[i], argc > 2);
	for (int i = 0; i < 2; i++)
		pthread_create(&threads[i], NULL, handle, &pool[i]);
	for (int i = 0; i < 2; i++)
		pthread_join(threads[i], NULL);
	for (int i = 0; i < 2; i++)
		mysql_close(pool[i].db);
	return overlapped ? 9 : 0;
}
