/*
 * What the programs on Redis have in common. SHOP_URL in the environment names the database, as
 * redis:///NUMBER?socket=FILE; each handler has a connection of its own.
 */
#ifndef RACE_TESTS_RD_SHOP_H
#define RACE_TESTS_RD_SHOP_H

#include <hiredis/hiredis.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static inline redisReply *shop_ask(redisContext *db, const char *command)
{
	redisReply *reply = redisCommand(db, command);

	if (!reply || reply->type == REDIS_REPLY_ERROR) {
		fprintf(stderr, "shop: %s: %s\n", command, reply ? reply->str : db->errstr);
		exit(3);
	}
	return reply;
}

/* Runs a command; its reply as a number, -1: it is nothing. */
static inline int shop_run(redisContext *db, const char *format, int number)
{
	char command[128];

	snprintf(command, sizeof command, format, number);
	redisReply *reply = shop_ask(db, command);
	int value = reply->type == REDIS_REPLY_INTEGER ? (int)reply->integer : reply->type == REDIS_REPLY_NIL ? -1 :
		reply->str ? atoi(reply->str) : 0;
	freeReplyObject(reply);
	return value;
}

static inline redisContext *shop_open(void)
{
	const char *url = getenv("SHOP_URL");
	char socket[128] = "";
	int number = 0;

	sscanf(url ? url : "", "redis:///%d?socket=%127s", &number, socket);
	redisContext *db = redisConnectUnix(socket);
	if (!db || db->err)
		exit(3);
	shop_run(db, "SELECT %d", number);
	return db;
}

static inline void shop_create(void)
{
	redisContext *db = shop_open();

	shop_run(db, "SET amount %d", 100);
	redisFree(db);
}

#endif
