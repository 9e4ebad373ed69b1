/* A name is validated as free by a query and then inserted, with no unique index behind it: two users of one name.
 * race: explore --max-executions 200
 * expect: serializability within 5
 * race: explore --max-executions 150 -- begin
 * expect: clean
 * race: explore --max-executions 150 -- immediate
 * expect: clean
 */
#include "store.h"

#ifdef FIXED
#define INDEX "CREATE UNIQUE INDEX users_name ON users (name)"
#else
#define INDEX ""
#endif

static bool sign_up_on(sqlite3 *connection, int age)
{
	return store_ask(connection, "SELECT id FROM users WHERE name = 'ada'") == STORE_NONE &&
		store_run(connection, "INSERT INTO users (name, age) VALUES ('ada', ?)", age) == 1;
}

static void *sign_up(void *age)
{
	return store_unit(sign_up_on, (int)(intptr_t)age);
}

int main(int argc, char **argv)
{
	store_create(argc, argv, "CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT, age INTEGER);" INDEX);
	run_many(2, sign_up);
	return 0;
}
