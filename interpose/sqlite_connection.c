#include "sqlite_connection.h"

#include <string.h>

#include "call.h"
#include "record.h"
#include "shared/hash.h"
#include "sqlite_library.h"
#include "sqlite_rows.h"
#include "sqlite_statement.h"
#include "unit.h"

enum { CONNECTIONS = 256 };

static struct sqlite_connection connections[CONNECTIONS];

static int authorize(void *argument, int action, const char *first, const char *second, const char *database,
	const char *trigger)
{
	struct sqlite_connection *connection = argument;

	if (strcmp(first ? first : "", "sqlite_master") != 0)
		sqlite_statement_note(action, first, second);
	if (!connection->authorizer)
		return ABI_SQLITE_OK;
	return connection->authorizer(connection->authorizer_argument, action, first, second, database, trigger);
}

static void on_row(void *argument, struct sqlite3 *db, int change, const char *schema, const char *table,
	int64_t before, int64_t after)
{
	struct sqlite_connection *connection = argument;

	(void)db;
	(void)schema;
	sqlite_rows_record(connection, change, table, after ? after : before);
}

/* Called inside a genuine SQLite call that met a lock. Non-zero: try again. */
static int on_busy(void *argument, int count)
{
	struct sqlite_connection *connection = argument;
	struct object *database = &control->world.objects[connection->database];

	if (connection->handler)
		return connection->handler(connection->handler_argument, count);
	self.inside = 1;
	if (count == 0)
		connection->deadline_ns = vclock_after(connection->timeout_ns);
	struct request request = {
		.op = OP_DB_WAIT,
		.flags = REQUEST_TIMED,
		.object = connection->database,
		.second = connection->object,
		.statement = connection->statement,
		.argument = database->version,
		.deadline_ns = connection->deadline_ns,
		.site = self.site,
	};
	int64_t error = point(&request);
	self.inside = 0;
	return error == 0;
}

static uint32_t database_object(struct sqlite3 *db)
{
	const char *path = sqlite_library()->db_filename ? SQLITE_CALL(db_filename, db, "main") : NULL;

	if (path && *path)
		return object_global(OBJECT_DATABASE, hash_text(path), path);
	/* in memory: its own database, as far as anybody can see */
	uint32_t object = world_object_find(&control->world, OBJECT_DATABASE, control_process, (uint64_t)(uintptr_t)db);
	if (object == 0)
		object = object_small(OBJECT_DATABASE, db);
	control_uncontrolled(UNCONTROLLED_MEMORY_DATABASE, self.site, "");
	return object;
}

static void install(struct sqlite_connection *connection)
{
	const struct sqlite_library *library = sqlite_library();

	if (library->set_authorizer)
		SQLITE_CALL(set_authorizer, connection->db, authorize, connection);
	if (library->preupdate_hook)
		SQLITE_CALL(preupdate_hook, connection->db, on_row, connection);
}

struct sqlite_connection *sqlite_connection_of(struct sqlite3 *db)
{
	struct sqlite_connection *free_row = NULL;

	if (!db)
		return NULL;
	for (int i = 0; i < CONNECTIONS; i++) {
		if (connections[i].db == db)
			return &connections[i];
		if (!connections[i].db && !free_row)
			free_row = &connections[i];
	}
	if (!free_row) {
		control_limit(LIMIT_ID_REDIRECTS, self.site);
		return NULL;
	}
	*free_row = (struct sqlite_connection){.db = db, .object = object_small(OBJECT_CONNECTION, db)};
	free_row->database = database_object(db);
	install(free_row);
	return free_row;
}

void sqlite_connection_forget(struct sqlite_connection *connection)
{
	control->world.objects[connection->object].flags |= OBJECT_DESTROYED;
	control->world.objects[connection->database].version++;
	connection->db = NULL;
}

int sqlite_connection_wait(struct sqlite_connection *connection, uint64_t timeout_ns, abi_sqlite_busy *handler,
	void *argument)
{
	connection->timeout_ns = timeout_ns;
	connection->handler = handler;
	connection->handler_argument = argument;
	return SQLITE_CALL(busy_handler, connection->db, timeout_ns || handler ? on_busy : NULL, connection);
}

static int transaction_state(struct sqlite3 *db)
{
	const struct sqlite_library *library = sqlite_library();

	if (library->txn_state)
		return SQLITE_CALL(txn_state, db, NULL);
	return SQLITE_CALL(get_autocommit, db) ? 0 : 2;
}

void sqlite_connection_before(struct sqlite_connection *connection, uint32_t statement)
{
	unit_touches();
	connection->statement = statement;
	connection->state = transaction_state(connection->db);
	connection->changes = SQLITE_CALL(total_changes, connection->db);
}

static uint32_t how_ended(const struct sqlite_connection *connection, int state, int result)
{
	const struct statement *statement = &control->statements[connection->statement];
	bool wrote = connection->state == 2 || statement->kind == STATEMENT_WRITE || statement->kind == STATEMENT_SCHEMA;
	bool failed = result != ABI_SQLITE_OK && result != ABI_SQLITE_ROW && result != ABI_SQLITE_DONE;

	if (state != 0 || (connection->state == 0 && !wrote))
		return TRANSACTION_GOES_ON;
	return failed || statement->kind == STATEMENT_ROLLBACK ? TRANSACTION_ROLLED_BACK : TRANSACTION_COMMITTED;
}

void sqlite_connection_after(struct sqlite_connection *connection, int result)
{
	int state = transaction_state(connection->db);
	bool fine = result == ABI_SQLITE_OK || result == ABI_SQLITE_ROW || result == ABI_SQLITE_DONE;
	struct record_transaction record = {
		.database = connection->database,
		.connection = connection->object,
		.state = (uint32_t)state,
		.ended = how_ended(connection, state, result),
		.changes = (uint32_t)(SQLITE_CALL(total_changes, connection->db) - connection->changes),
		.error = fine ? 0 : (uint32_t)result,
		.statement = connection->statement,
		.autocommit = (uint32_t)SQLITE_CALL(get_autocommit, connection->db),
	};

	if (state < connection->state || record.changes > 0 || record.ended)
		control->world.objects[connection->database].version++;
	record_transaction(&record);
}

int sqlite_connection_holds(const struct sqlite_connection *connection)
{
	return SQLITE_CALL(get_autocommit, connection->db) && transaction_state(connection->db) != 0;
}
