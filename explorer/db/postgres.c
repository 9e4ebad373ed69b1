#if __has_include(<postgresql/libpq-fe.h>)

#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include "postgres_reset.h"

enum { LIST_BYTES = 4096, LEAST_VERSION = 120000, PATIENCE_S = 20, LOCK_PATIENCE = 30 };

static void complain(struct server *server, struct complaint *complaint)
{
	const char *message = PQerrorMessage(server->connection);
	size_t length = strcspn(message, "\n");

	if (complaint)
		snprintf(complaint->text, sizeof complaint->text, "PostgreSQL: %.*s", (int)length, message);
}

PGresult *postgres_query(struct server *server, const char *sql, struct complaint *complaint)
{
	PGresult *result = PQexec(server->connection, sql);

	if (PQresultStatus(result) == PGRES_TUPLES_OK)
		return result;
	complain(server, complaint);
	PQclear(result);
	return NULL;
}

int postgres_run(struct server *server, const char *sql, struct complaint *complaint)
{
	PGresult *result = PQexec(server->connection, sql);
	ExecStatusType status = PQresultStatus(result);
	bool fine = status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK || status == PGRES_EMPTY_QUERY;

	if (!fine)
		complain(server, complaint);
	PQclear(result);
	return fine ? 0 : -1;
}

int postgres_send(struct server *server, const char *statements, struct complaint *complaint)
{
	postgres_drain(server); /* what postgres_end has said */
	if (PQsendQuery(server->connection, statements) == 1)
		return 0;
	complain(server, complaint);
	return -1;
}

PGresult *postgres_next(struct server *server, struct complaint *complaint)
{
	PGresult *result = PQgetResult(server->connection);
	ExecStatusType status = PQresultStatus(result);

	if (!result || status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK || status == PGRES_EMPTY_QUERY)
		return result;
	complain(server, complaint);
	PQclear(result);
	return NULL;
}

void postgres_drain(struct server *server)
{
	for (PGresult *rest; (rest = PQgetResult(server->connection)); PQclear(rest))
		;
}

void postgres_end(struct server *server)
{
	postgres_drain(server);
	if (PQtransactionStatus(server->connection) != PQTRANS_IDLE)
		PQsendQuery(server->connection, "ROLLBACK"); /* the answer is for who speaks next */
}

long postgres_number(struct server *server, const char *sql, struct complaint *complaint)
{
	PGresult *result = postgres_query(server, sql, complaint);
	long number = result && PQntuples(result) > 0 ? strtol(PQgetvalue(result, 0, 0), NULL, 10) : -1;

	PQclear(result);
	return number;
}

long postgres_lock(struct server *server, const char *sql, struct complaint *complaint)
{
	static const struct timespec pause = {.tv_nsec = 100000000};
	long taken;

	for (int i = 0; (taken = postgres_number(server, sql, complaint)) == 0 && i < LOCK_PATIENCE; i++)
		nanosleep(&pause, NULL);
	return taken;
}

/*
 * One campaign at a time has the database, by an advisory lock that ends with its connection. What a campaign left
 * that was killed is its copy of the start state, and the sessions of its targets, which are dying: it is put back.
 */
static int take(struct server *server, struct complaint *complaint)
{
	long free = postgres_lock(server, "SELECT pg_try_advisory_lock(hashtextextended('" POSTGRES_COPY "', 0))::int",
		complaint);

	if (free < 0)
		return -1;
	if (free == 0) {
		snprintf(complaint->text, sizeof complaint->text, "another race is working on the database %s",
			PQdb(server->connection));
		return -1;
	}
	if (postgres_number(server, "SELECT count(*) FROM pg_namespace WHERE nspname = '" POSTGRES_FIRST "'", complaint) == 1 &&
		postgres_go_back(server, complaint) < 0)
		return -1;
	if (postgres_number(server, "SELECT count(*) FROM pg_namespace WHERE nspname = '" POSTGRES_COPY "'", complaint) != 1)
		return 0;
	postgres_victim_put_back(server);
	return postgres_put_back(server, complaint);
}

static void ignore_notice(void *state, const char *message)
{
	(void)state;
	(void)message;
}

/* Texts are those that read back as they were; plans are made once, and rows that may not be seen are an error. */
static int settle_in(struct server *server, struct complaint *complaint)
{
	if (postgres_run(server, "SET application_name = 'race'; SET search_path = pg_catalog; SET lock_timeout = '20s';"
			"SET datestyle = 'ISO, YMD'; SET intervalstyle = 'postgres'; SET bytea_output = 'hex'; SET extra_float_digits = 1;"
			"SET jit = off; SET max_parallel_workers_per_gather = 0; SET plan_cache_mode = force_generic_plan;"
			"SET row_security = off", complaint) < 0)
		return -1;
	/* for all of the session: each change of it throws all plans away */
	server->replica = postgres_run(server, "SET session_replication_role = replica", NULL) == 0;
	return postgres_catalogue_prepare(server, complaint);
}

void postgres_finish(struct server *server)
{
	PQfinish(server->connection);
	free(server->moved);
	free(server->name);
	PQfreemem(server->literal);
	PQfreemem(server->identifier);
	free(server);
}

struct server *postgres_begin(PGconn *connection, struct complaint *complaint)
{
	struct server *server = calloc(1, sizeof *server);

	if (!server) {
		PQfinish(connection);
		return NULL;
	}
	server->connection = connection;
	if (PQstatus(connection) != CONNECTION_OK) {
		complain(server, complaint);
		goto fail;
	}
	PQsetNoticeProcessor(connection, ignore_notice, NULL);
	if (PQserverVersion(connection) < LEAST_VERSION) {
		snprintf(complaint->text, sizeof complaint->text, "PostgreSQL %d is too old: race needs 12 or newer",
			PQserverVersion(connection) / 10000);
		goto fail;
	}
	if (settle_in(server, complaint) == 0)
		return server;
fail:
	postgres_finish(server);
	return NULL;
}

static struct server *server_open(const char *url, struct complaint *complaint)
{
	struct server *server = postgres_begin(PQconnectdb(url), complaint);

	if (!server || take(server, complaint) == 0)
		return server;
	postgres_finish(server);
	return NULL;
}

/* The marker names the server and the database: a dump restored elsewhere is not marked. */
static bool is_marked(struct server *server, struct complaint *complaint)
{
	if (postgres_number(server, "SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
			" WHERE n.nspname = '" POSTGRES_MARKER "' AND c.relname = 'identity'", complaint) != 1)
		return false;
	return postgres_number(server, "SELECT count(*) FROM " POSTGRES_MARKER ".identity i, pg_control_system() s, pg_database d"
		" WHERE d.datname = current_database() AND i.server = s.system_identifier AND i.database = d.oid", complaint) > 0;
}

/* Views, foreign tables, whose rows are elsewhere, sequences, functions; an extension's are nobody's work. */
#define OTHERS(catalogue, namespace) \
	"SELECT o.oid FROM " catalogue " o JOIN pg_namespace n ON n.oid = " namespace " WHERE n.nspname NOT LIKE 'pg\\_%' AND" \
	" n.nspname NOT IN ('information_schema', '" POSTGRES_MARKER "', '" POSTGRES_COPY "', '" POSTGRES_FIRST "') AND NOT EXISTS" \
	" (SELECT FROM pg_depend d WHERE d.classid = '" catalogue "'::regclass AND d.objid = o.oid AND d.deptype = 'e')"

static bool server_is_test(struct server *server, struct complaint *complaint)
{
	complaint->text[0] = '\0';
	if (is_marked(server, complaint) || postgres_number(server, "SELECT (SELECT count(*) FROM" POSTGRES_TABLES ") + (SELECT count(*)"
			" FROM (" OTHERS("pg_class", "relnamespace") " AND o.relkind IN ('v', 'm', 'f', 'S') AND o.relpersistence <> 't' UNION ALL "
			OTHERS("pg_proc", "pronamespace") ") o)", complaint) == 0)
		return true;
	if (!complaint->text[0])
		snprintf(complaint->text, sizeof complaint->text, "the database %s is not empty and not marked for testing: "
			"exploring destroys what is in it; --db-force explores it all the same", PQdb(server->connection));
	return false;
}

static const char *server_database(struct server *server)
{
	return server->name ? server->name : PQdb(server->connection);
}

static bool server_address(struct server *server, void *address, uint32_t *nbytes)
{
	socklen_t length = *nbytes;

	if (getpeername(PQsocket(server->connection), address, &length) < 0 || length > *nbytes)
		return false;
	*nbytes = length;
	return true;
}

static void write_list(char *list, const int32_t *backends, uint32_t nbackends)
{
	size_t at = 0;

	list[0] = '\0';
	for (uint32_t i = 0; i < nbackends && at < LIST_BYTES - 16; i++)
		at += (size_t)snprintf(list + at, LIST_BYTES - at, "%s%d", i ? "," : "", backends[i]);
}

static int server_is_blocked(struct server *server, int32_t backend, const int32_t *backends, uint32_t nbackends)
{
	char list[LIST_BYTES], sql[LIST_BYTES + 128];

	write_list(list, backends, nbackends);
	snprintf(sql, sizeof sql, "SELECT pg_isolation_test_session_is_blocked(%d, '{%s}')::int", backend, list);
	int blocked = (int)postgres_number(server, sql, NULL);
	return blocked == 1 ? postgres_victim_has_looked(server, backend) : blocked;
}

/* Asks until the count is 0; -1: it can't be asked, or takes too long. */
static int wait_none(struct server *server, const char *sql)
{
	time_t end = time(NULL) + PATIENCE_S;
	long n;

	while ((n = postgres_number(server, sql, NULL)) > 0 && time(NULL) < end)
		sched_yield();
	return n == 0 ? 0 : -1;
}

/*
 * How many of `flying` are at work and wait for no lock; -1: can't be asked. In the midst of a pipeline the server calls
 * those active that wait for their client.
 */
static int busy(struct server *server, const int32_t *flying, uint32_t nflying, const int32_t *backends,
	uint32_t nbackends)
{
	char list[LIST_BYTES], sql[LIST_BYTES + 128];
	int n = 0;

	write_list(list, flying, nflying);
	snprintf(sql, sizeof sql, "SELECT pid FROM pg_stat_activity WHERE pid = ANY('{%s}') AND state = 'active'"
		" AND wait_event_type IS DISTINCT FROM 'Client'", list);
	PGresult *active = postgres_query(server, sql, NULL);
	if (!active)
		return -1;
	for (int i = 0; n >= 0 && i < PQntuples(active); i++) {
		int blocked = server_is_blocked(server, (int32_t)strtol(PQgetvalue(active, i, 0), NULL, 10), backends, nbackends);
		n = blocked < 0 ? -1 : n + (blocked == 0);
	}
	PQclear(active);
	return n;
}

static int server_settle(struct server *server, const int32_t *flying, uint32_t nflying, const int32_t *backends,
	uint32_t nbackends)
{
	time_t end = time(NULL) + PATIENCE_S;
	int n;

	while ((n = busy(server, flying, nflying, backends, nbackends)) > 0 && time(NULL) < end)
		sched_yield();
	return n == 0 ? 0 : -1;
}

static int server_has_queue(struct server *server, int32_t backend, const int32_t *flying, uint32_t nflying,
	const int32_t *backends, uint32_t nbackends)
{
	char waiting[LIST_BYTES], list[LIST_BYTES], sql[2 * LIST_BYTES + 256];

	write_list(waiting, flying, nflying);
	write_list(list, backends, nbackends);
	snprintf(sql, sizeof sql, "SELECT (count(*) > 0)::int FROM unnest('{%s}'::int[]) w, pg_blocking_pids(w) b"
		" WHERE w <> %d AND b && '{%s}' AND NOT b @> ARRAY[%d]", waiting, backend, list, backend);
	return (int)postgres_number(server, sql, NULL);
}

static int server_wait_end(struct server *server, int32_t backend)
{
	char sql[128];

	snprintf(sql, sizeof sql, "SELECT count(*) FROM pg_stat_activity WHERE pid = %d", backend);
	return wait_none(server, sql);
}

int postgres_end_sessions(struct server *server, const int32_t *backends, uint32_t nbackends)
{
	char list[LIST_BYTES], sql[LIST_BYTES + 512];

	if (nbackends == 0)
		return 0;
	write_list(list, backends, nbackends);
	snprintf(sql, sizeof sql, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid = ANY('{%s}')"
		" AND datname IN (current_database(), %s)", list, server->literal ? server->literal : "NULL");
	PQclear(postgres_query(server, sql, NULL));
	snprintf(sql, sizeof sql, "SELECT count(*) FROM pg_stat_activity WHERE pid = ANY('{%s}')", list);
	return wait_none(server, sql);
}

static void server_hear(struct server *server, uint64_t nasked, bool plain)
{
	(void)nasked;
	server->unclear = server->unclear || !plain;
}

static int server_reset(struct server *server, const int32_t *backends, uint32_t nbackends, struct complaint *complaint)
{
	free(server->moved);
	server->moved = NULL;
	if (postgres_end_sessions(server, backends, nbackends) < 0) {
		snprintf(complaint->text, sizeof complaint->text, "the sessions of an execution can't be ended: %.200s",
			PQerrorMessage(server->connection));
		return -1;
	}
	return postgres_reset(server, complaint);
}

static void server_close(struct server *server)
{
	if (!server)
		return;
	if (server->kept)
		postgres_victim_put_back(server);
	postgres_start_close(server->start);
	if (server->kept)
		postgres_run(server, "DROP SCHEMA IF EXISTS " POSTGRES_COPY " CASCADE", NULL);
	postgres_finish(server);
}

const struct adapter adapter_postgres = {
	.scheme = "postgresql",
	.protocol = WIRE_POSTGRES,
	.open = server_open,
	.database = server_database,
	.is_test = server_is_test,
	.mark = postgres_mark,
	.advise = postgres_advise,
	.address = server_address,
	.keep = postgres_keep,
	.keep_later = postgres_keep_later,
	.go_back = postgres_go_back,
	.reset = server_reset,
	.reorder = postgres_reorder,
	.hear = server_hear,
	.image = postgres_image,
	.is_blocked = server_is_blocked,
	.settle = server_settle,
	.wait_end = server_wait_end,
	.has_queue = server_has_queue,
	.arrival = &postgres_arrival,
	.close = server_close,
};

#endif
