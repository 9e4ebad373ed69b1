/* Sessions with MariaDB that live on. https://mariadb.com/kb/en/clientserver-protocol/ */
#include "heir.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "shared/wire/wire.h"

enum { HEAD = 4, COM_INIT_DB = 2, COM_QUERY = 3, COM_STMT_CLOSE = 0x19, COM_RESET_CONNECTION = 0x1f, END_OF_ROWS = 0xfe,
	MOST_END_BYTES = 9, NO_VALUE = 0xfb };

/* Of the session's variables, those that it has set: numbers of an execution and of a connection are none. */
#define OWN_VARIABLES \
	" FROM information_schema.SYSTEM_VARIABLES WHERE VARIABLE_SCOPE IN ('SESSION', 'SESSION ONLY') AND READ_ONLY = 'NO'" \
	" AND GLOBAL_VALUE IS NOT NULL AND NOT (SESSION_VALUE <=> GLOBAL_VALUE) AND VARIABLE_NAME NOT IN ('TIMESTAMP'," \
	" 'LAST_INSERT_ID', 'INSERT_ID', 'IDENTITY', 'RAND_SEED1', 'RAND_SEED2', 'PSEUDO_THREAD_ID')"

/* The database, then what sets the variables; NULL: there are user variables. */
static const char ask_sql[] =
	"SELECT IF(EXISTS (SELECT * FROM information_schema.USER_VARIABLES), NULL, CONCAT(IFNULL(DATABASE(), ''), '\n',"
	" IFNULL((SELECT GROUP_CONCAT(CONCAT('@@SESSION.', VARIABLE_NAME, ' = ', IF(VARIABLE_TYPE LIKE '%INT%' OR"
	" VARIABLE_TYPE = 'DOUBLE', SESSION_VALUE, QUOTE(SESSION_VALUE))) ORDER BY VARIABLE_NAME SEPARATOR ', ')"
	OWN_VARIABLES "), '')))";

static const char undo_sql[] =
	"SELECT GROUP_CONCAT(CONCAT('@@SESSION.', VARIABLE_NAME, ' = @@GLOBAL.', VARIABLE_NAME) SEPARATOR ', ')" OWN_VARIABLES;

static size_t put_head(char *bytes, size_t length, char command)
{
	for (int i = 0; i < HEAD - 1; i++)
		bytes[i] = (char)(length >> 8 * i);
	bytes[HEAD - 1] = 0; /* the first of a conversation */
	bytes[HEAD] = command;
	return HEAD + length;
}

static size_t encode(const char *sql, char *bytes, size_t nbytes)
{
	size_t length = strlen(sql);

	if (length + HEAD + 1 > nbytes)
		return 0;
	memcpy(bytes + HEAD + 1, sql, length);
	return put_head(bytes, length + 1, COM_QUERY);
}

/* A packet's body; false: there is no more. */
static bool packet_next(const uint8_t **at, size_t *left, const uint8_t **body, size_t *nbody)
{
	if (*left < HEAD)
		return false;
	*nbody = (*at)[0] | (size_t)(*at)[1] << 8 | (size_t)(*at)[2] << 16;
	*body = *at + HEAD;
	if (*nbody > *left - HEAD)
		return false;
	*at += HEAD + *nbody;
	*left -= HEAD + *nbody;
	return true;
}

/* A number of one byte, or of as many as the first one says. */
static bool read_length(const uint8_t *body, size_t nbody, size_t *head, size_t *length)
{
	size_t n = nbody == 0 ? 0 : body[0] == 0xfc ? 2 : body[0] == 0xfd ? 3 : 0;

	if (nbody < n + 1 || body[0] == NO_VALUE || body[0] > 0xfd)
		return false;
	*head = n + 1;
	*length = n ? 0 : body[0];
	for (size_t i = 0; i < n; i++)
		*length |= (size_t)body[1 + i] << 8 * i;
	return *length <= nbody - *head;
}

/* A result of one column and row: how many columns, the column, perhaps an end of columns, the row. */
static bool value(const struct heir *heir, const uint8_t *reply, size_t nbytes, const char **text, size_t *length)
{
	const uint8_t *body;
	size_t nbody, head;

	(void)heir;
	if (!packet_next(&reply, &nbytes, &body, &nbody) || body[0] != 1 || !packet_next(&reply, &nbytes, &body, &nbody) ||
		!packet_next(&reply, &nbytes, &body, &nbody))
		return false;
	if (nbody < MOST_END_BYTES && nbody > 0 && body[0] == END_OF_ROWS && !packet_next(&reply, &nbytes, &body, &nbody))
		return false;
	if (!read_length(body, nbody, &head, length))
		return false;
	*text = (const char *)body + head;
	return true;
}

static int ask(struct heir *heir, char **state)
{
	*state = heir_ask(heir, ask_sql);
	return *state ? 0 : wire_state(&heir->wire) == WIRE_READY && !wire_is_waiting(&heir->wire) ? 0 : -1;
}

/* What undoes the traces of statements. */
static const char *const calming[] = {"ROLLBACK", "SET last_insert_id = 0"};

/* One that has failed may have left a transaction of which the server says nothing, where statements don't commit. */
static int calm(struct heir *heir, bool in_transaction, uint32_t marks)
{
	size_t begin = in_transaction || marks & SESSION_MARK_FAILED ? 0 : 1, end = marks & SESSION_MARK_NUMBERS ? 2 : 1;

	return begin < end ? heir_say_all(heir, calming + begin, end - begin) : 0;
}

/* The server did not hear what it was told of those at the snapshot: they are still there. */
static int close_new(struct heir *heir, const struct database_session *row)
{
	char bytes[HEAD + 5];

	if (row->wire.nprepared > WIRE_PREPARED)
		return -1; /* some were forgotten */
	for (uint32_t i = 0; i < WIRE_PREPARED; i++) {
		uint64_t key = row->wire.prepared[i].key;
		bool old = false;
		for (uint32_t j = 0; j < WIRE_PREPARED; j++)
			old = old || heir->wire.prepared[j].key == key;
		if (key == 0 || old)
			continue;
		put_head(bytes, 5, COM_STMT_CLOSE);
		for (int byte = 0; byte < 4; byte++)
			bytes[HEAD + 1 + byte] = (char)((key - 1) >> 8 * byte);
		if (heir_send(heir, bytes, sizeof bytes) < 0)
			return -1;
	}
	return 0;
}

static bool has_prepared(const struct heir *heir)
{
	for (uint32_t i = 0; i < WIRE_PREPARED; i++)
		if (heir->wire.prepared[i].key)
			return true;
	return false;
}

static int set(struct heir *heir, const char *assignments)
{
	size_t nbytes = strlen(assignments) + sizeof "SET ";
	char *sql = *assignments ? malloc(nbytes) : NULL;

	if (!sql)
		return *assignments ? -1 : 0;
	snprintf(sql, nbytes, "SET %s", assignments);
	int code = heir_run(heir, sql);
	free(sql);
	return code;
}

static int use(struct heir *heir, const char *name, size_t length)
{
	char bytes[HEAD + 1 + 256];

	if (length == 0 || length > 256)
		return length == 0 ? 0 : -1;
	memcpy(bytes + HEAD + 1, name, length);
	return heir_send(heir, bytes, put_head(bytes, length + 1, COM_INIT_DB)) < 0 ? -1 : heir_hear(heir);
}

static int reset(struct heir *heir)
{
	char bytes[HEAD + 1];

	return heir_send(heir, bytes, put_head(bytes, 1, COM_RESET_CONNECTION)) < 0 ? -1 : heir_hear(heir);
}

static int settings_put_back(struct heir *heir)
{
	const char *variables = strchr(heir->state, '\n');
	char *undo = heir_ask(heir, undo_sql), *state = NULL;
	int code = -1;

	if (variables && (!undo || set(heir, undo) == 0) && set(heir, variables + 1) == 0 &&
		use(heir, heir->state, (size_t)(variables - heir->state)) == 0 && ask(heir, &state) == 0 && state &&
		strcmp(state, heir->state) == 0)
		code = 0;
	free(undo);
	free(state);
	return code;
}

/*
 * User variables can't be taken away one by one, and some things nobody tells of. A reset would end the prepared
 * statements, too, whose numbers nobody can give again.
 */
static int settings_mend(struct heir *heir, uint32_t marks)
{
	if (!(marks & SESSION_MARK_ANYTHING) && settings_put_back(heir) == 0)
		return 0;
	return has_prepared(heir) || reset(heir) < 0 ? -1 : settings_put_back(heir);
}

static int mend(struct heir *heir, const struct database_session *row, uint32_t marks)
{
	if (heir_say_all(heir, calming, 2) < 0 || heir_hear(heir) < 0)
		return -1;
	if (marks & SESSION_MARK_LOCKS && heir_run(heir, "DO RELEASE_ALL_LOCKS()") < 0)
		return -1;
	if (marks & SESSION_MARK_PREPARED && close_new(heir, row) < 0)
		return -1;
	return marks & (SESSION_MARK_ANYTHING | SESSION_MARK_SETTINGS) ? settings_mend(heir, marks) : 0;
}

const struct heir_server heir_mariadb = {SESSION_MARK_LOCKS | SESSION_MARK_ANYTHING, encode, value, ask, calm, mend};
