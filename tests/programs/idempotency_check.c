/* A request is delivered twice with one idempotency key; the key is looked up first and stored last: charged twice.
 * race: explore --strategy auto --max-executions 200
 * expect: serializability within 5
 */
#include "store.h"

static bool key_seen(sqlite3 *connection)
{
	return store_ask(connection, "SELECT 1 FROM keys WHERE key = 77") == 1;
}

/* Whether this delivery is the first. */
static bool key_claim(sqlite3 *connection)
{
	return store_run(connection, "INSERT INTO keys (key) VALUES (77)") == 1;
}

static void charge(sqlite3 *connection)
{
	store_run(connection, "INSERT INTO charges (amount) VALUES (25)");
}

static void *deliver(void *unused)
{
	sqlite3 *connection = store_connect();
#ifdef FIXED
	if (!key_seen(connection) && key_claim(connection))
		charge(connection);
#else
	if (!key_seen(connection)) {
		charge(connection);
		key_claim(connection);
	}
#endif
	sqlite3_close(connection);
	return STORE_OK;
}

int main(int argc, char **argv)
{
	store_create(argc, argv, "CREATE TABLE keys (key INTEGER PRIMARY KEY);"
				"CREATE TABLE charges (amount INTEGER)");
	run_two(deliver, deliver);
	return 0;
}
