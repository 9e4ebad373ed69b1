/*
 * Workers of a pool take marked jobs; the row count decides who sends the mail.
 * race: explore --max-executions 1000
 * expect: clean
 */
#include "shop.h"
#include "shared/race.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static const char *const jobs[] = {"charge", "webhook"};
static int next_job;

static const char *take_job(void)
{
	const char *job = NULL;

	pthread_mutex_lock(&lock);
	if (next_job < 2)
		job = jobs[next_job++];
	pthread_mutex_unlock(&lock);
	return job;
}

static void handle(int order)
{
	sqlite3 *db = shop_open();
	sqlite3_stmt *statement =
		shop_prepare(db, "UPDATE orders SET status = 'fulfilled' WHERE id = ? AND status = 'pending'");

	sqlite3_bind_int(statement, 1, order);
	shop_run(statement);
	if (sqlite3_changes(db) == 1)
		race_effect("mail sent", "order 1");
	sqlite3_close(db);
}

static void *work(void *unused)
{
	const char *job;

	while ((job = take_job()) != NULL) {
		race_unit_begin(job);
		handle(1);
		race_unit_end();
	}
	return unused;
}

int main(void)
{
	pthread_t workers[2];

	shop_create();
	for (int i = 0; i < 2; i++)
		pthread_create(&workers[i], NULL, work, NULL);
	for (int i = 0; i < 2; i++)
		pthread_join(workers[i], NULL);
	return 0;
}
