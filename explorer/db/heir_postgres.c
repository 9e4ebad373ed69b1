/* Sessions with PostgreSQL that live on. Catalogues and commands: https://www.postgresql.org/docs/15/ */
#include "heir.h"

#include <stdlib.h>
#include <string.h>

#include "shared/wire/wire.h"

enum { HEAD = 5, FIELD = 4 };

/* Nothing is left of what a client can change, but what it said when it connected. */
#define BLANK \
	"ROLLBACK; CLOSE ALL; RESET SESSION AUTHORIZATION; RESET ROLE; RESET ALL; DEALLOCATE ALL; UNLISTEN *;" \
	" SELECT pg_catalog.pg_advisory_unlock_all(); DISCARD TEMP; DISCARD SEQUENCES"

/* Between requests: of what was prepared by PREPARE the server keeps the whole request as its text. */
#define SEPARATOR "\036"

#define PREPARED \
	"(SELECT string_agg(CASE WHEN from_sql THEN statement ELSE format('PREPARE %I%s AS %s', name," \
	" CASE WHEN cardinality(parameter_types) > 0 THEN '(' || array_to_string(parameter_types, ', ') || ')' END, statement)" \
	" END, E'" SEPARATOR "' ORDER BY name) FROM pg_catalog.pg_prepared_statements)"

/* NULL: it holds what can't be made anew. */
static const char ask_sql[] =
	"SELECT CASE WHEN EXISTS (SELECT FROM pg_catalog.pg_cursors) OR EXISTS (SELECT FROM pg_catalog.pg_listening_channels())"
	" OR EXISTS (SELECT FROM pg_catalog.pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid())"
	" OR EXISTS (SELECT FROM pg_catalog.pg_class WHERE relnamespace = pg_my_temp_schema()) THEN NULL ELSE concat_ws(E'" SEPARATOR "',"
	" (SELECT string_agg(format('SELECT pg_catalog.set_config(%L, %L, false)', name, setting), '; ' ORDER BY name)"
	" FROM pg_catalog.pg_settings WHERE source = 'session'), " PREPARED ") END";

static uint32_t big_endian(const uint8_t *bytes)
{
	return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
}

static void put_big_endian(char *bytes, size_t value)
{
	for (int i = 0; i < FIELD; i++)
		bytes[i] = (char)(value >> (24 - 8 * i));
}

/* Query (F) */
static size_t encode(const char *sql, char *bytes, size_t nbytes)
{
	size_t length = strlen(sql) + 1;

	if (length + HEAD > nbytes)
		return 0;
	bytes[0] = 'Q';
	put_big_endian(bytes + 1, length + FIELD);
	memcpy(bytes + HEAD, sql, length);
	return length + HEAD;
}

/* DataRow (B): the number of columns, then length and bytes of each */
static bool value(const struct heir *heir, const uint8_t *reply, size_t nbytes, const char **text, size_t *length)
{
	enum { COLUMNS = 2 };
	bool found = false;

	(void)heir;
	for (size_t at = 0; at + HEAD <= nbytes; at += 1 + (size_t)big_endian(reply + at + 1)) {
		const uint8_t *row = reply + at + HEAD;
		if (reply[at] != 'D' || at + HEAD + COLUMNS + FIELD > nbytes)
			continue;
		*length = big_endian(row + COLUMNS);
		*text = (const char *)row + COLUMNS + FIELD;
		found = *length <= nbytes - (at + HEAD + COLUMNS + FIELD);
	}
	return found;
}

/* Does it say that it holds something, or does it say nothing? A row of NULL is 11 bytes. */
static int ask(struct heir *heir, char **state)
{
	*state = heir_ask(heir, ask_sql);
	return *state ? 0 : wire_state(&heir->wire) == WIRE_READY && !wire_is_waiting(&heir->wire) ? 0 : -1;
}

static int calm(struct heir *heir, bool in_transaction, uint32_t marks)
{
	bool changes = marks & SESSION_MARK_CHANGES;

	if (!in_transaction && !changes)
		return 0;
	return heir_say(heir, !changes ? "ROLLBACK" : in_transaction ? "ROLLBACK; DISCARD SEQUENCES" : "DISCARD SEQUENCES");
}

static int say_state(struct heir *heir)
{
	char *requests = strdup(heir->state), *rest = requests;
	int code = requests ? 0 : -1;

	for (char *request; code == 0 && (request = strsep(&rest, SEPARATOR));)
		if (*request)
			code = heir_say(heir, request);
	free(requests);
	return code;
}

static int make_anew(struct heir *heir)
{
	char *state = NULL;
	int code = -1;

	if (heir_say(heir, BLANK) == 0 && say_state(heir) == 0 && heir_hear(heir) == 0 && ask(heir, &state) == 0 && state &&
		strcmp(state, heir->state) == 0)
		code = 0;
	free(state);
	return code;
}

static int mend(struct heir *heir, const struct database_session *row, uint32_t marks)
{
	(void)row;
	if (marks & (SESSION_MARK_ANYTHING | SESSION_MARK_SETTINGS | SESSION_MARK_PREPARED))
		return make_anew(heir);
	return heir_run(heir, "ROLLBACK; DISCARD SEQUENCES; SELECT pg_catalog.pg_advisory_unlock_all()");
}

const struct heir_server heir_postgres = {0, encode, value, ask, calm, mend};
