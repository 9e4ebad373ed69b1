/* What handlers leave in sessions of a pool is not there in the next execution: run by tests/db/pooled_sessions.sh. Its
 * first argument is a statement that leaves something; each handler first compares what its session has with what it had
 * when main opened it. The second one is a statement that main leaves in the first session. Several are separated by
 * semicolons. It ends with status 9 when the handlers were at work at the same time.
 */
#include "pg_shop.h"

struct pooled {
	PGconn *db;
	char state[512];
};

static const char *leaving;
static int working, overlapped;

/* All that a session has, as far as clients can tell. */
static void look(PGconn *db, char *state, size_t nbytes)
{
	PGresult *result = shop_query(db,
		"SELECT concat_ws(' ', (SELECT string_agg(name || ' ' || parameter_types::text, ',' ORDER BY name)"
		" FROM pg_prepared_statements), (SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'"
		" AND pid = pg_backend_pid()), (SELECT count(*) FROM pg_class WHERE relnamespace = pg_my_temp_schema()),"
		" (SELECT count(*) FROM pg_cursors), (SELECT count(*) FROM pg_listening_channels()), current_user,"
		" current_setting('statement_timeout'), current_setting('search_path'), current_setting('work_mem'),"
		" now() = statement_timestamp())", 0);

	snprintf(state, nbytes, "%s", PQgetvalue(result, 0, 0));
	PQclear(result);
}

static void leave(PGconn *db, const char *statements)
{
	char text[512], *rest = text;

	snprintf(text, sizeof text, "%s", statements);
	for (char *sql; (sql = strsep(&rest, ";"));)
		shop_run(db, sql, 0);
}

static void *handle(void *argument)
{
	struct pooled *pooled = argument;
	char state[sizeof pooled->state];
	const char *const values[] = {"1"};

	overlapped |= working++;
	look(pooled->db, state, sizeof state);
	if (strcmp(state, pooled->state) != 0) {
		fprintf(stderr, "left: %s instead of %s\n", state, pooled->state);
		exit(3);
	}
	PGresult *result = PQexecPrepared(pooled->db, "kept", 1, values, NULL, NULL, 0);
	if (PQntuples(result) != 1)
		shop_fail(pooled->db, "kept");
	PQclear(result);
	if (PQtransactionStatus(pooled->db) == PQTRANS_IDLE) {
		PQclear(PQexec(pooled->db, "SELECT lastval()"));
		if (!strstr(PQerrorMessage(pooled->db), "not yet defined"))
			shop_fail(pooled->db, "lastval");
	}
	leave(pooled->db, leaving);
	working--;
	return NULL;
}

static void fill(struct pooled *pooled)
{
	pooled->db = shop_open();
	PQclear(PQprepare(pooled->db, "kept", "SELECT status FROM orders WHERE id = $1", 1, NULL));
	shop_run(pooled->db, "PREPARE too AS SELECT 1", 0);
	shop_run(pooled->db, "SET statement_timeout = '50s'", 0);
	shop_query(pooled->db, "SELECT set_config('search_path', 'public, pg_catalog', false)", 0);
	look(pooled->db, pooled->state, sizeof pooled->state);
}

int main(int argc, char **argv)
{
	struct pooled pool[2];
	pthread_t threads[2];

	leaving = argc > 1 ? argv[1] : "SELECT 1";
	for (int i = 0; i < 2; i++)
		fill(&pool[i]);
	if (argc > 2) {
		leave(pool[0].db, argv[2]);
		look(pool[0].db, pool[0].state, sizeof pool[0].state);
	}
	for (int i = 0; i < 2; i++)
		pthread_create(&threads[i], NULL, handle, &pool[i]);
	for (int i = 0; i < 2; i++)
		pthread_join(threads[i], NULL);
	if (argc < 4) /* else there is no goodbye */
		for (int i = 0; i < 2; i++)
			PQfinish(pool[i].db);
	return overlapped ? 9 : 0;
}
