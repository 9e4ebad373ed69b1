/*
 * Two workers see that there is a job on a list of Redis, then wait for it with BLPOP: the second one waits for ever.
 * database: redis
 * race: explore
 * expect: deadlock within 10
 *
 * The same with a queue between.
 * race: explore -- blmove
 * expect: deadlock within 10
 */
#include "rd_shop.h"

#ifdef FIXED
#define PATIENCE "30"
#else
#define PATIENCE "0"
#endif

static const char *take_job = "BLPOP jobs " PATIENCE;

static void *work(void *unused)
{
	redisContext *db = shop_open();

	if (shop_run(db, "LLEN jobs", 0) > 0)
		shop_run(db, take_job, 0);
	redisFree(db);
	return NULL;
}

int main(int argc, char **argv)
{
	pthread_t workers[2];

	if (argc > 1)
		take_job = "BLMOVE jobs taken LEFT RIGHT " PATIENCE;
	shop_create();
	redisContext *db = shop_open();
	shop_run(db, "RPUSH jobs %d", 1);
	redisFree(db);
	for (int i = 0; i < 2; i++)
		pthread_create(&workers[i], NULL, work, NULL);
	for (int i = 0; i < 2; i++)
		pthread_join(workers[i], NULL);
	return 0;
}
