/*
 * Two workers take jobs from a list on Redis with BLPOP, and add what they are worth to a sum: GET, then SET. A job is
 * lost where both have read the same sum; main looks at it. They wait for whom fills the list, so there is no serial order.
 * database: redis
 * race: explore --max-executions 200
 * expect: assert within 10
 *
 * Both ends of the list, another list between, sorted sets, streams.
 * race: explore --max-executions 200 -- brpop
 * expect: assert within 10
 *
 * race: explore --max-executions 200 -- blmove
 * expect: assert within 10
 *
 * race: explore --max-executions 200 -- bzpopmin
 * expect: assert within 10
 *
 * race: explore --max-executions 200 -- xreadgroup
 * expect: assert within 10
 *
 * A time-out of two seconds comes only when nobody else can go on.
 * race: explore --max-executions 200 -- patient
 * expect: assert within 10
 */
#include <assert.h>

#include "rd_shop.h"

enum { JOBS = 2 };

struct way {
	const char *name, *put, *take;
};

static const struct way ways[] = {
	{"blpop", "RPUSH jobs %d", "BLPOP jobs 0"},
	{"patient", "RPUSH jobs %d", "BLPOP jobs 2"},
	{"brpop", "LPUSH jobs %d", "BRPOP other jobs 0"},
	{"blmove", "RPUSH jobs %d", "BLMOVE jobs taken LEFT RIGHT 0"},
	{"bzpopmin", "ZADD jobs 1 %d", "BZPOPMIN jobs 0"},
	{"xreadgroup", "XADD jobs %d-1 worth 10", "XREADGROUP GROUP all one COUNT 1 BLOCK 0 STREAMS jobs >"},
};
static const struct way *way = &ways[0];

static void *work(void *unused)
{
	redisContext *db = shop_open();

	shop_run(db, way->take, 0);
#ifdef FIXED
	shop_run(db, "INCRBY amount %d", 10);
#else
	shop_run(db, "SET amount %d", shop_run(db, "GET amount", 0) + 10);
#endif
	redisFree(db);
	return NULL;
}

static void *fill(void *unused)
{
	redisContext *db = shop_open();

	for (int job = 1; job <= JOBS; job++)
		shop_run(db, way->put, job);
	redisFree(db);
	return NULL;
}

static int amount(void)
{
	redisContext *db = shop_open();
	int sum = shop_run(db, "GET amount", 0);

	redisFree(db);
	return sum;
}

int main(int argc, char **argv)
{
	pthread_t threads[JOBS + 1];

	for (size_t i = 0; argc > 1 && i < sizeof ways / sizeof *ways; i++)
		if (strcmp(ways[i].name, argv[1]) == 0)
			way = &ways[i];
	shop_create();
	redisContext *db = shop_open();
	shop_run(db, "XGROUP CREATE jobs all $ MKSTREAM", 0);
	if (strcmp(way->name, "xreadgroup") != 0)
		shop_run(db, "DEL jobs", 0);
	redisFree(db);
	for (int i = 0; i < JOBS; i++)
		pthread_create(&threads[i], NULL, work, NULL);
	pthread_create(&threads[JOBS], NULL, fill, NULL);
	for (int i = 0; i <= JOBS; i++)
		pthread_join(threads[i], NULL);
	assert(amount() == 100 + JOBS * 10);
	return 0;
}
