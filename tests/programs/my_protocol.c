/*
 * Two tasks say to MariaDB what it allows: a statement and a value longer than any buffer, a reply longer than the kernel
 * holds, bytes that are no text, prepared statements, several statements at once, and an error that the next statement
 * does not see. What each has written is its own, and complete.
 * race: explore --max-executions 6
 * expect: clean
 * database: mariadb
 */
#include "my_shop.h"

enum { LONG = 1 << 20, ROWS = 3000 };

static void must(MYSQL *db, int code, const char *what)
{
	if (code)
		shop_fail(db, what);
}

/* All bytes there are, again and again. */
static void fill(char *bytes, size_t nbytes)
{
	for (size_t i = 0; i < nbytes; i++)
		bytes[i] = (char)(i * 7 + i / 256);
}

static void insert_long(MYSQL *db, const char *table)
{
	char *bytes = malloc(LONG), *sql = malloc(2 * LONG + 128);

	fill(bytes, LONG);
	size_t length = (size_t)sprintf(sql, "INSERT INTO %s (id, data) VALUES (1, _binary'", table);
	length += mysql_real_escape_string(db, sql + length, bytes, LONG);
	sql[length++] = '\'';
	sql[length++] = ')';
	must(db, mysql_real_query(db, sql, length), "a long statement");
	free(sql);
	free(bytes);
}

static void insert_prepared(MYSQL *db, const char *table)
{
	char sql[96], *bytes = malloc(LONG);
	unsigned long length = LONG;
	int id = 2;
	MYSQL_BIND binds[] = {{.buffer_type = MYSQL_TYPE_LONG, .buffer = &id},
		{.buffer_type = MYSQL_TYPE_BLOB, .buffer = bytes, .buffer_length = LONG, .length = &length}};
	MYSQL_STMT *statement = mysql_stmt_init(db);

	fill(bytes, LONG);
	snprintf(sql, sizeof sql, "INSERT INTO %s (id, data) VALUES (?, ?)", table);
	must(db, mysql_stmt_prepare(statement, sql, strlen(sql)), "prepare");
	mysql_stmt_bind_param(statement, binds);
	must(db, mysql_stmt_execute(statement), "execute");
	mysql_stmt_close(statement);
	free(bytes);
}

static void insert_rows(MYSQL *db, const char *table)
{
	char *sql = malloc(ROWS * 32UL);
	size_t length = (size_t)sprintf(sql, "INSERT INTO %s (id) VALUES (3)", table);

	for (int i = 1; i < ROWS; i++)
		length += (size_t)sprintf(sql + length, ",(%d)", i + 3);
	must(db, mysql_real_query(db, sql, length), "many rows");
	must(db, !mysql_query(db, "SELECT * FROM nothing"), "an error");
	free(sql);
}

/* What is there, of several statements at once the last. */
static void look(MYSQL *db, const char *table)
{
	char sql[160];

	snprintf(sql, sizeof sql, "SELECT data FROM %s WHERE id < 3; SELECT COUNT(*) FROM %s", table, table);
	must(db, mysql_query(db, sql), "select");
	MYSQL_RES *result = mysql_store_result(db);
	char *bytes = malloc(LONG);
	fill(bytes, LONG);
	for (int i = 0; i < 2; i++) {
		MYSQL_ROW row = mysql_fetch_row(result);
		must(db, !row || mysql_fetch_lengths(result)[0] != LONG || memcmp(row[0], bytes, LONG) != 0, "long data");
	}
	free(bytes);
	mysql_free_result(result);
	must(db, mysql_next_result(db), "the second result");
	result = mysql_store_result(db);
	must(db, atoi(mysql_fetch_row(result)[0]) != ROWS + 2, "rows");
	mysql_free_result(result);
}

static void *converse(void *table)
{
	MYSQL *db = shop_open();

	mysql_set_server_option(db, MYSQL_OPTION_MULTI_STATEMENTS_ON);
	insert_long(db, table);
	insert_prepared(db, table);
	insert_rows(db, table);
	look(db, table);
	mysql_close(db);
	return NULL;
}

int main(void)
{
	MYSQL *db = shop_open();
	pthread_t other;

	shop_run(db, "CREATE TABLE mine (id int, data longblob)", 0);
	shop_run(db, "CREATE TABLE yours (id int, data longblob)", 0);
	mysql_close(db);
	pthread_create(&other, NULL, converse, "yours");
	converse("mine");
	pthread_join(other, NULL);
	return 0;
}
