/* What the files of the adapter for Redis share. Commands: https://redis.io/docs/latest/commands/ */
#ifndef RACE_EXPLORER_DB_REDIS_H
#define RACE_EXPLORER_DB_REDIS_H

#include <hiredis/hiredis.h>

#include "adapter.h"

/* Keys of ours: the marker of test databases, and the note in the database that has the start state. */
#define REDIS_MARKER "race_test_database"
#define REDIS_NOTE "race_start_state"

struct server {
	redisContext *connection;
	int database, copy; /* numbers; copy -1: there is none */
	long long id;       /* of our client */
};

/* The reply to a command that is printed as by redisCommand, to be freed with freeReplyObject; NULL and a complaint. */
redisReply *redis_ask(struct server *server, struct complaint *complaint, const char *format, ...);

/* The reply as a number; -1: it is none. */
long long redis_number(struct server *server, struct complaint *complaint, const char *format, ...);

/* See struct adapter. */
int redis_keep(struct server *server, struct complaint *complaint);
struct image *redis_image(struct server *server, const char *database, struct complaint *complaint);

/* Puts the start state back; takes it away; does both with what a killed campaign left. */
int redis_put_back(struct server *server, struct complaint *complaint);
int redis_drop_copy(struct server *server, struct complaint *complaint);
int redis_mend(struct server *server, struct complaint *complaint);

/* Finds a database for the copy, and claims it. */
int redis_claim(struct server *server, struct complaint *complaint);

#endif
