/* Two doctors go off call, each after making sure that another one stays: nobody is left.
 * race: explore --max-executions 200
 * expect: serializability within 5
 * class: write skew
 * race: explore --max-executions 150 -- begin
 * expect: clean
 * race: explore --max-executions 150 -- immediate
 * expect: clean
 */
#include "store.h"

static bool go_off_call_on(sqlite3 *connection, int doctor)
{
#ifdef FIXED
	return store_run(connection,
		       "UPDATE doctors SET on_call = 0 WHERE id = ? AND "
		       "(SELECT count(*) FROM doctors WHERE on_call = 1) > 1", doctor) == 1;
#else
	if (store_ask(connection, "SELECT count(*) FROM doctors WHERE on_call = 1") <= 1)
		return false;
	return store_run(connection, "UPDATE doctors SET on_call = 0 WHERE id = ?", doctor) == 1;
#endif
}

static void *go_off_call(void *doctor)
{
	return store_unit(go_off_call_on, (int)(intptr_t)doctor);
}

int main(int argc, char **argv)
{
	store_create(argc, argv, "CREATE TABLE doctors (id INTEGER PRIMARY KEY, on_call INTEGER);"
				 "INSERT INTO doctors VALUES (0, 1), (1, 1)");
	run_many(2, go_off_call);
	return 0;
}
