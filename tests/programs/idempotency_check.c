/* A request is delivered twice with one idempotency key; the key is looked up first and stored last: charged twice.
 * race: explore --max-executions 200
 * expect: serializability within 5
 * race: explore --max-executions 150 -- begin
 * expect: clean
 * race: explore --max-executions 150 -- immediate
 * expect: clean
 */
#include "store.h"

static bool key_seen(sqlite3 *connection, int key)
{
	return store_ask(connection, "SELECT 1 FROM keys WHERE key = ?", key) == 1;
}

/* Whether this delivery is the first. */
static bool key_claim(sqlite3 *connection, int key)
{
	return store_run(connection, "INSERT INTO keys (key) VALUES (?)", key) == 1;
}

static void charge(sqlite3 *connection)
{
	store_run(connection, "INSERT INTO charges (amount) VALUES (25)");
}

static bool deliver_on(sqlite3 *connection, int key)
{
	if (key_seen(connection, key))
		return false;
#ifdef FIXED
	if (!key_claim(connection, key))
		return false;
	charge(connection);
	return true;
#else
	charge(connection);
	return key_claim(connection, key);
#endif
}

static void *deliver(void *unused)
{
	return store_unit(deliver_on, 77);
}

int main(int argc, char **argv)
{
	store_create(argc, argv, "CREATE TABLE keys (key INTEGER PRIMARY KEY);"
				 "CREATE TABLE charges (amount INTEGER)");
	run_two(deliver, deliver);
	return 0;
}
