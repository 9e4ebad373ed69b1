/*
 * Two workers subscribe on Redis to what is paid, and add the first payment that they hear of to a sum. Who pays does not
 * wait until they have subscribed: a message that nobody has subscribed to yet is lost, and its worker waits for ever.
 * database: redis
 * race: explore --max-executions 200
 * expect: deadlock within 10
 *
 * All have subscribed before, and both hear of it; but they GET the sum, then SET it. The second time they wait by poll.
 * race: explore --max-executions 200 -- early
 * expect: assert within 10
 *
 * race: explore --max-executions 200 -- polled
 * expect: assert within 10
 */
#include <assert.h>
#include <poll.h>
#include <stdbool.h>

#include "rd_shop.h"

enum { WORKERS = 2 };

static bool early, polled;
static redisContext *subscribers[WORKERS];

static void subscribe(int worker)
{
	subscribers[worker] = shop_open();
	freeReplyObject(shop_ask(subscribers[worker], "SUBSCRIBE paid"));
}

static int hear(redisContext *subscriber)
{
	struct pollfd query = {.fd = subscriber->fd, .events = POLLIN};
	redisReply *reply = NULL;

	assert(!polled || poll(&query, 1, -1) == 1);
	assert(redisGetReply(subscriber, (void **)&reply) == REDIS_OK);
	assert(reply->elements == 3 && strcmp(reply->element[0]->str, "message") == 0);
	int value = atoi(reply->element[2]->str);
	freeReplyObject(reply);
	return value;
}

static void *work(void *number)
{
	int worker = *(const int *)number;

	if (!early)
		subscribe(worker);
	int paid = hear(subscribers[worker]);
	redisFree(subscribers[worker]);
	redisContext *db = shop_open();
#ifdef FIXED
	shop_run(db, "INCRBY amount %d", paid);
#else
	shop_run(db, "SET amount %d", shop_run(db, "GET amount", 0) + paid);
#endif
	redisFree(db);
	return NULL;
}

static void *pay(void *unused)
{
	redisContext *db = shop_open();

	shop_run(db, "PUBLISH paid %d", 10);
	redisFree(db);
	return NULL;
}

int main(int argc, char **argv)
{
	static const int numbers[WORKERS] = {0, 1};
	pthread_t threads[WORKERS + 1];

	early = argc > 1;
	polled = early && strcmp(argv[1], "polled") == 0;
	shop_create();
	for (int i = 0; early && i < WORKERS; i++)
		subscribe(i);
	for (int i = 0; i < WORKERS; i++)
		pthread_create(&threads[i], NULL, work, (void *)&numbers[i]);
	pthread_create(&threads[WORKERS], NULL, pay, NULL);
	for (int i = 0; i <= WORKERS; i++)
		pthread_join(threads[i], NULL);
	redisContext *db = shop_open();
	assert(shop_run(db, "GET amount", 0) == 100 + WORKERS * 10);
	redisFree(db);
	return 0;
}
