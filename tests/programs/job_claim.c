/* Two workers fetch the oldest waiting job and then mark it as theirs: one job is done twice, another not at all.
 * race: explore --max-executions 200
 * expect: serializability within 5
 * race: explore --max-executions 150 -- begin
 * expect: clean
 * race: explore --max-executions 150 -- immediate
 * expect: clean
 */
#include "store.h"

#ifdef FIXED
#define AND_WAITING " AND worker IS NULL"
#else
#define AND_WAITING ""
#endif

static bool work_on(sqlite3 *connection, int worker)
{
	int job;
	do {
		job = store_ask(connection, "SELECT id FROM jobs WHERE worker IS NULL ORDER BY id LIMIT 1");
		if (job == STORE_NONE)
			return false;
	} while (!store_is_busy &&
		store_run(connection, "UPDATE jobs SET worker = ? WHERE id = ?" AND_WAITING, worker, job) != 1);
	return true;
}

static void *work(void *number)
{
	return store_unit(work_on, (int)(intptr_t)number);
}

int main(int argc, char **argv)
{
	store_create(argc, argv, "CREATE TABLE jobs (id INTEGER PRIMARY KEY, worker INTEGER);"
				 "INSERT INTO jobs VALUES (1, NULL), (2, NULL)");
	run_many(2, work);
	return 0;
}
