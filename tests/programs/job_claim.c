/* Two workers fetch the oldest waiting job and then mark it as theirs: one job is done twice, another not at all.
 * race: explore --strategy auto --max-executions 200
 * expect: serializability within 5
 */
#include "store.h"

#ifdef FIXED
#define AND_WAITING " AND worker IS NULL"
#else
#define AND_WAITING ""
#endif

static bool job_claim(sqlite3 *connection, int worker)
{
	for (;;) {
		int job = store_ask(connection, "SELECT id FROM jobs WHERE worker IS NULL ORDER BY id LIMIT 1");
		if (job == STORE_NONE)
			return false;
		if (store_run(connection, "UPDATE jobs SET worker = ? WHERE id = ?" AND_WAITING, worker, job) == 1)
			return true;
	}
}

static void *work(void *number)
{
	sqlite3 *connection = store_connect();
	bool claimed = job_claim(connection, (int)(intptr_t)number);
	sqlite3_close(connection);
	return claimed ? STORE_OK : STORE_DECLINED;
}

int main(int argc, char **argv)
{
	store_create(argc, argv, "CREATE TABLE jobs (id INTEGER PRIMARY KEY, worker INTEGER);"
				"INSERT INTO jobs VALUES (1, NULL), (2, NULL)");
	run_many(2, work);
	return 0;
}
