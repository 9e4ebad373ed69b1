/*
 * Workers of a pool take the jobs of a shop, each marked as a unit; two of them send the mail of one order.
 * race: explore
 * expect: serializability within 10
 * class: double effect
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

	if (shop_is_pending(db, order)) {
		shop_run(shop_prepare(db, "UPDATE orders SET status = 'fulfilled' WHERE id = 1"));
		race_effect("mail sent", "order 1");
	}
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
