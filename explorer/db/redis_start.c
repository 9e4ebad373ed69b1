/*
 * The start state of a Redis database: copied key by key into another database of the server that is empty, the last
 * one there is; a note there says of which database, and `complete` when the copy is. All is done by scripts on the
 * server, each one step. Times to live are noted as what was left of them: each execution begins with the same.
 */
#if __has_include(<hiredis/hiredis.h>)

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "redis.h"

enum { LAST_DATABASE = 63 };

/* ARGV: the program's database, the copy's. */
static const char keep_script[] =
	"redis.call('SELECT', ARGV[1]) "
	"local keys, times = redis.call('KEYS', '*'), {} "
	"for _, k in ipairs(keys) do "
	"  if k == '" REDIS_NOTE "' then return redis.error_reply('ERR there is a key " REDIS_NOTE ", which race needs') end "
	"  redis.call('COPY', k, k, 'DB', ARGV[2]) times[k] = redis.call('PTTL', k) end "
	"redis.call('SELECT', ARGV[2]) "
	"for k, left in pairs(times) do if left >= 0 then "
	"  redis.call('PERSIST', k) redis.call('HSET', '" REDIS_NOTE "', 'left:' .. k, left) end end "
	"return redis.call('HSET', '" REDIS_NOTE "', 'complete', 1)";

static const char put_back_script[] =
	"redis.call('SELECT', ARGV[2]) "
	"local kept, left = {}, {} "
	"for _, k in ipairs(redis.call('KEYS', '*')) do if k ~= '" REDIS_NOTE "' then kept[k] = redis.call('DUMP', k) end end "
	"local note = redis.call('HGETALL', '" REDIS_NOTE "') "
	"for i = 1, #note, 2 do if string.sub(note[i], 1, 5) == 'left:' then left[string.sub(note[i], 6)] = note[i + 1] end end "
	"redis.call('SELECT', ARGV[1]) "
	"for _, k in ipairs(redis.call('KEYS', '*')) do "
	"  if not kept[k] then redis.call('DEL', k) "
	"  elseif redis.call('DUMP', k) == kept[k] then kept[k] = nil "
	"    if not left[k] then redis.call('PERSIST', k) end end end "
	"redis.call('SELECT', ARGV[2]) "
	"for k in pairs(kept) do redis.call('COPY', k, k, 'DB', ARGV[1], 'REPLACE') end "
	"redis.call('SELECT', ARGV[1]) "
	"for k, l in pairs(left) do redis.call('PEXPIRE', k, l) end "
	"return 1";

static const char drop_script[] =
	"redis.call('SELECT', ARGV[2]) redis.call('HDEL', '" REDIS_NOTE "', 'complete') "
	"for _, k in ipairs(redis.call('KEYS', '*')) do if k ~= '" REDIS_NOTE "' then redis.call('UNLINK', k) end end "
	"return redis.call('DEL', '" REDIS_NOTE "')";

static int run(struct server *server, const char *script, struct complaint *complaint)
{
	redisReply *reply = redis_ask(server, complaint, "EVAL %s 0 %d %d", script, server->database, server->copy);

	if (!reply)
		return -1;
	freeReplyObject(reply);
	return 0;
}

/* Makes another database the connection's; false: there is no such. */
static bool change(struct server *server, int database)
{
	redisReply *reply = redis_ask(server, NULL, "SELECT %d", database);

	if (reply)
		freeReplyObject(reply);
	return reply != NULL;
}

/* Is the current database empty, and ours from now on? A program that has come to use it meanwhile keeps it. */
static bool is_claimed(struct server *server)
{
	if (redis_number(server, NULL, "DBSIZE") != 0 ||
		redis_number(server, NULL, "HSETNX " REDIS_NOTE " database %d", server->database) != 1)
		return false;
	if (redis_number(server, NULL, "DBSIZE") == 1)
		return true;
	redis_number(server, NULL, "DEL " REDIS_NOTE);
	return false;
}

int redis_claim(struct server *server, struct complaint *complaint)
{
	for (int i = LAST_DATABASE; i >= 0 && server->copy < 0; i--)
		if (i != server->database && change(server, i) && is_claimed(server))
			server->copy = i;
	change(server, server->database);
	if (server->copy >= 0)
		return 0;
	snprintf(complaint->text, sizeof complaint->text, "race keeps the start state in another database of the server, and none of "
		"the first %d is empty and may be written (see `databases` in redis.conf)", LAST_DATABASE + 1);
	return -1;
}

int redis_keep(struct server *server, struct complaint *complaint)
{
	if (server->copy >= 0 && redis_drop_copy(server, complaint) < 0)
		return -1;
	return redis_claim(server, complaint) < 0 ? -1 : run(server, keep_script, complaint);
}

int redis_put_back(struct server *server, struct complaint *complaint)
{
	return run(server, put_back_script, complaint);
}

int redis_drop_copy(struct server *server, struct complaint *complaint)
{
	int code = server->copy >= 0 ? run(server, drop_script, complaint) : 0;

	server->copy = -1;
	return code;
}

/* Is the current database the copy of ours that a campaign has left? *complete: it can be put back. */
static bool is_left(struct server *server, bool *complete)
{
	redisReply *reply = redis_ask(server, NULL, "HGET " REDIS_NOTE " database");
	bool left = reply && reply->type == REDIS_REPLY_STRING && atoi(reply->str) == server->database;

	if (reply)
		freeReplyObject(reply);
	*complete = left && redis_number(server, NULL, "HEXISTS " REDIS_NOTE " complete") == 1;
	return left;
}

int redis_mend(struct server *server, struct complaint *complaint)
{
	bool complete;
	int code = 0;

	for (int i = LAST_DATABASE; i >= 0 && code == 0; i--) {
		if (i == server->database || !change(server, i) || !is_left(server, &complete))
			continue;
		server->copy = i;
		if (complete)
			code = redis_put_back(server, complaint);
		if (code == 0)
			code = redis_drop_copy(server, complaint);
	}
	return change(server, server->database) ? code : -1;
}

#endif
