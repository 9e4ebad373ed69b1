#include <mysql/mysql.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
static void show(MYSQL *c)
{
	do {
		MYSQL_RES *r = mysql_store_result(c);
		if (r) {
			printf("rows %llu\n", (unsigned long long)mysql_num_rows(r));
			mysql_free_result(r);
		} else if (mysql_errno(c))
			printf("error %u %s %s\n", mysql_errno(c), mysql_sqlstate(c), mysql_error(c));
		else
			printf("affected %llu\n", (unsigned long long)mysql_affected_rows(c));
	} while (mysql_next_result(c) == 0);
	if (mysql_errno(c))
		printf("error %u %s\n", mysql_errno(c), mysql_sqlstate(c));
}
static void run(MYSQL *c, const char *q)
{
	if (mysql_query(c, q))
		printf("error %u %s %s\n", mysql_errno(c), mysql_sqlstate(c), mysql_error(c));
	else
		show(c);
}
int main(int argc, char **argv)
{
	(void)argc;
	MYSQL *c = mysql_init(NULL);
	const char *what = argv[2];
	unsigned long flags = CLIENT_MULTI_STATEMENTS | CLIENT_MULTI_RESULTS;
	if (!strcmp(what, "compressed"))
		flags |= CLIENT_COMPRESS;
	unsigned on = 1;
	if (!strcmp(what, "infile"))
		mysql_options(c, MYSQL_OPT_LOCAL_INFILE, &on);
	if (!mysql_real_connect(c, NULL, "shop", "secret", "wire", 0, argv[1], flags)) {
		printf("connect %u %s\n", mysql_errno(c), mysql_error(c));
		mysql_close(c);
		return 1;
	}
	if (!strcmp(what, "text")) {
		run(c, "DROP TABLE IF EXISTS t");
		run(c, "CREATE TABLE t (id int PRIMARY KEY, name varchar(40)) ENGINE=InnoDB");
		run(c, "INSERT INTO t VALUES (1,'a'),(2,'b')");
		run(c, "SELECT * FROM t ORDER BY id");
		run(c, "UPDATE t SET name='c' WHERE id>0");
		run(c, "BEGIN");
		run(c, "SELECT 1");
		run(c, "INSERT INTO t VALUES (1,'dup')");
		run(c, "ROLLBACK");
		run(c, "SELEC");
		run(c, "SELECT 1; UPDATE t SET name='x' WHERE id=1; SELECT 3");
		run(c, "SELECT 1; SELECT nope; SELECT 2");
		run(c, "SELECT * FROM t WHERE id=99");
		run(c, "SELECT NULL, ''");
		run(c, "CREATE OR REPLACE PROCEDURE p() BEGIN SELECT 1; SELECT 2, 3; END");
		run(c, "CALL p()");
		mysql_ping(c);
		mysql_select_db(c, "wire");
		printf("stat %d\n", mysql_stat(c) != NULL);
		MYSQL_RES *r = mysql_list_fields(c, "t", NULL);
		printf("fields %u\n", r ? mysql_num_fields(r) : 0);
		mysql_free_result(r);
		mysql_reset_connection(c);
		printf("change %d\n", mysql_change_user(c, "shop", "secret", "wire"));
		run(c, "SELECT 4");
		mysql_set_server_option(c, MYSQL_OPTION_MULTI_STATEMENTS_OFF);
		run(c, "SELECT 5");
	} else if (!strcmp(what, "prepared")) {
		MYSQL_STMT *s = mysql_stmt_init(c);
		const char *q = "INSERT INTO t VALUES (?, ?)";
		printf("prepare %d\n", mysql_stmt_prepare(s, q, strlen(q)));
		int id = 10;
		unsigned long len = 2;
		MYSQL_BIND b[2];
		memset(b, 0, sizeof b);
		b[0].buffer_type = MYSQL_TYPE_LONG;
		b[0].buffer = &id;
		b[1].buffer_type = MYSQL_TYPE_STRING;
		b[1].buffer = "hi";
		b[1].buffer_length = 2;
		b[1].length = &len;
		mysql_stmt_bind_param(s, b);
		printf("execute %d %llu\n", mysql_stmt_execute(s), (unsigned long long)mysql_stmt_affected_rows(s));
		printf("execute %d %u\n", mysql_stmt_execute(s), mysql_stmt_errno(s));
		id = 11;
		printf("execute %d\n", mysql_stmt_execute(s));
		id = 12;
		b[1].buffer_type = MYSQL_TYPE_NULL;
		mysql_stmt_bind_param(s, b);
		printf("execute %d\n", mysql_stmt_execute(s));
		id = 13;
		b[1].buffer_type = MYSQL_TYPE_BLOB;
		mysql_stmt_bind_param(s, b);
		mysql_stmt_send_long_data(s, 1, "long", 4);
		mysql_stmt_send_long_data(s, 1, " data", 5);
		printf("execute %d\n", mysql_stmt_execute(s));
		mysql_stmt_reset(s);
		mysql_stmt_close(s);
		s = mysql_stmt_init(c);
		q = "SELECT id, name FROM t WHERE id > ? ORDER BY id";
		printf("prepare %d\n", mysql_stmt_prepare(s, q, strlen(q)));
		id = 0;
		mysql_stmt_bind_param(s, b);
		printf("execute %d\n", mysql_stmt_execute(s));
		mysql_stmt_store_result(s);
		printf("rows %llu\n", (unsigned long long)mysql_stmt_num_rows(s));
		mysql_stmt_free_result(s);
		unsigned long cursor = CURSOR_TYPE_READ_ONLY, pre = 2;
		mysql_stmt_attr_set(s, STMT_ATTR_CURSOR_TYPE, &cursor);
		mysql_stmt_attr_set(s, STMT_ATTR_PREFETCH_ROWS, &pre);
		printf("execute %d\n", mysql_stmt_execute(s));
		int n = 0;
		while (mysql_stmt_fetch(s) == 0 || n < 0)
			n++;
		printf("fetched %d\n", n);
		mysql_stmt_close(s);
		s = mysql_stmt_init(c);
		q = "SELEC ?";
		printf("prepare %d %u\n", mysql_stmt_prepare(s, q, strlen(q)), mysql_stmt_errno(s));
		mysql_stmt_close(s);
		s = mysql_stmt_init(c);
		q = "UPDATE t SET name = 'direct' WHERE id > 10";
		printf("direct %d %llu\n", mariadb_stmt_execute_direct(s, q, strlen(q)),
			(unsigned long long)mysql_stmt_affected_rows(s));
		mysql_stmt_close(s);
	} else if (!strcmp(what, "infile")) {
		run(c, "LOAD DATA LOCAL INFILE '/etc/hostname' INTO TABLE t");
	} else
		run(c, "SELECT 1");
	mysql_close(c);
	return 0;
}
