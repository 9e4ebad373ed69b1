/* Two doctors go off call, each after making sure that another one stays: nobody is left.
 * race: explore --strategy auto --max-executions 200
 * expect: serializability within 10
 * class: write skew
 */
#include "store.h"

#ifdef FIXED
#define BEGIN "BEGIN IMMEDIATE"
#else
#define BEGIN "SELECT 1"
#endif

static void *go_off_call(void *doctor)
{
	sqlite3 *connection = store_connect();
	store_run(connection, BEGIN);
	bool covered = store_ask(connection, "SELECT count(*) FROM doctors WHERE on_call = 1") > 1;
	if (covered)
		store_run(connection, "UPDATE doctors SET on_call = 0 WHERE id = ?", (int)(intptr_t)doctor);
	if (!sqlite3_get_autocommit(connection))
		store_run(connection, "COMMIT");
	sqlite3_close(connection);
	return covered ? STORE_OK : STORE_DECLINED;
}

int main(int argc, char **argv)
{
	store_create(argc, argv, "CREATE TABLE doctors (id INTEGER PRIMARY KEY, on_call INTEGER);"
				"INSERT INTO doctors VALUES (0, 1), (1, 1)");
	run_many(2, go_off_call);
	return 0;
}
