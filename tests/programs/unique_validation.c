/* A name is validated as free by a query and then inserted, with no unique index behind it: two users of one name.
 * race: explore --strategy auto --max-executions 200
 * expect: serializability within 5
 */
#include "store.h"

#ifdef FIXED
#define INDEX "CREATE UNIQUE INDEX users_name ON users (name)"
#else
#define INDEX ""
#endif

static void *sign_up(void *age)
{
	sqlite3 *connection = store_connect();
	bool free = store_ask(connection, "SELECT id FROM users WHERE name = 'ada'") == STORE_NONE;
	bool inserted = free &&
		store_run(connection, "INSERT INTO users (name, age) VALUES ('ada', ?)", (int)(intptr_t)age) == 1;
	sqlite3_close(connection);
	return inserted ? STORE_OK : STORE_DECLINED;
}

int main(int argc, char **argv)
{
	store_create(argc, argv, "CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT, age INTEGER);" INDEX);
	pthread_t one = start(sign_up, (void *)36);
	pthread_t two = start(sign_up, (void *)27);
	finish(one);
	finish(two);
	return 0;
}
