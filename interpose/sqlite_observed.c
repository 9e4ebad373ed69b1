#include "sqlite_observed.h"

#include <string.h>

#include "interpose.h"
#include "shared/hash.h"
#include "sqlite_library.h"
#include "sqlite_statement.h"

enum { CONNECTIONS = 1024, HANDLES = 16384, PROBES = 32, MOST_HASHED = 500 };

struct connection {
	struct sqlite3 *db;
	uint32_t database; /* text: its path */
	int state;         /* of its transaction after its last operation */
	abi_sqlite_authorizer *authorizer;
	void *authorizer_argument;
	abi_sqlite_update *hook;
	void *hook_argument;
};

/* By address; a row belongs to who put the address there. Statements that find no row are looked up by their text. */
static struct connection connections[CONNECTIONS];
static struct {
	struct sqlite3_stmt *handle;
	uint32_t statement;
} handles[HANDLES];

static __thread struct {
	uint32_t statement; /* being executed: rows are its */
	uint16_t depth;     /* within a genuine call: SQLite's calls to itself are its business */
	uint16_t executing; /* but for those of sqlite3_exec */
	uint64_t site;
	uint32_t nhashed;   /* statements with their parameters: that takes time */
} place __attribute__((tls_model("initial-exec")));

static size_t hash_address(const void *address, size_t size)
{
	return ((uintptr_t)address >> 4) * 0x9e3779b97f4a7c15ULL >> 40 & (size - 1);
}

static struct connection *find_connection(const struct sqlite3 *db)
{
	size_t at = hash_address(db, CONNECTIONS);

	for (size_t i = 0; i < PROBES; i++) {
		struct connection *connection = &connections[(at + i) % CONNECTIONS];
		if (__atomic_load_n(&connection->db, __ATOMIC_ACQUIRE) == db)
			return connection;
	}
	return NULL;
}

static struct connection *take_connection(struct sqlite3 *db)
{
	size_t at = hash_address(db, CONNECTIONS);

	for (size_t i = 0; i < PROBES; i++) {
		struct connection *connection = &connections[(at + i) % CONNECTIONS];
		struct sqlite3 *nobody = NULL;
		if (__atomic_compare_exchange_n(&connection->db, &nobody, db, false, __ATOMIC_ACQ_REL, __ATOMIC_RELAXED))
			return connection;
	}
	return NULL;
}

/* Calls of ours to genuine SQLite. */
#define GENUINE(function, ...) \
	({ \
		place.depth++; \
		__typeof__(sqlite_library()->function(__VA_ARGS__)) genuine_result = sqlite_library()->function(__VA_ARGS__); \
		place.depth--; \
		genuine_result; \
	})

static int on_authorize(void *argument, int action, const char *first, const char *second, const char *database,
	const char *trigger)
{
	struct connection *connection = argument;

	if (strcmp(first ? first : "", "sqlite_master") != 0)
		sqlite_statement_note(action, first, second);
	if (!connection->authorizer)
		return ABI_SQLITE_OK;
	return connection->authorizer(connection->authorizer_argument, action, first, second, database, trigger);
}

static void on_update(void *argument, int change, const char *schema, const char *table, int64_t row)
{
	struct connection *connection = argument;

	if (observe_is_on()) {
		struct ring_event event = {.kind = RING_ROW, .object = connection->database, .second = place.statement,
			.site = sqlite_statement_table(table), .argument = (uint64_t)row,
			.result = change == ABI_SQLITE_INSERT ? 'i' : change == ABI_SQLITE_DELETE ? 'd' : 'u'};
		observe_write(&event);
	}
	if (connection->hook)
		connection->hook(connection->hook_argument, change, schema, table, row);
}

static bool is_ready(void)
{
	const struct sqlite_library *library = sqlite_library();

	return library->set_authorizer && library->update_hook && library->txn_state && library->sql &&
		library->db_handle && library->stmt_busy && library->total_changes && library->get_autocommit;
}

void sqlite_observed_opened(struct sqlite3 *db)
{
	char memory[32] = ":memory:";
	int error = errno;

	if (!db || !observe_is_on() || place.depth > 0 || !observe_lock())
		return;
	bool ready = is_ready();
	observe_unlock();
	struct connection *connection = ready ? take_connection(db) : NULL;
	if (connection) {
		const char *path = GENUINE(db_filename, db, "main");
		for (int i = 0; i < 16; i++) /* one that is in memory is its connection's alone */
			memory[8 + i] = "0123456789abcdef"[(uintptr_t)db >> (60 - 4 * i) & 15];
		connection->database = observe_text(path && *path ? path : memory);
		connection->state = 0;
		connection->authorizer = NULL;
		connection->hook = NULL;
		GENUINE(set_authorizer, db, on_authorize, connection);
		GENUINE(update_hook, db, on_update, connection);
	}
	errno = error;
}

void sqlite_observed_before_prepare(struct sqlite_note *note)
{
	if (place.depth == place.executing)
		sqlite_statement_begin(note);
	place.depth++; /* it may read the schema by calls of its own */
}

static uint32_t enter_statement(struct sqlite3_stmt *handle, int prepared)
{
	uint32_t statement = 0;

	if (observe_lock()) {
		statement = sqlite_statement_enter(GENUINE(sql, handle), prepared);
		observe_unlock();
	}
	return statement;
}

static void remember(struct sqlite3_stmt *handle, uint32_t statement)
{
	size_t at = hash_address(handle, HANDLES);

	handles[at].statement = 0;
	__atomic_store_n(&handles[at].handle, handle, __ATOMIC_RELEASE);
	handles[at].statement = statement;
}

static void forget(struct sqlite3_stmt *handle)
{
	size_t at = hash_address(handle, HANDLES);

	if (__atomic_load_n(&handles[at].handle, __ATOMIC_ACQUIRE) == handle)
		__atomic_store_n(&handles[at].handle, NULL, __ATOMIC_RELEASE);
}

int sqlite_observed_prepared(int result, struct sqlite3_stmt **statement)
{
	place.depth--;
	if (place.depth == place.executing && result == ABI_SQLITE_OK && statement && *statement && observe_is_on() &&
		find_connection(GENUINE(db_handle, *statement)))
		remember(*statement, enter_statement(*statement, 1));
	return result;
}

static uint32_t statement_of(struct sqlite3_stmt *handle)
{
	size_t at = hash_address(handle, HANDLES);

	if (__atomic_load_n(&handles[at].handle, __ATOMIC_ACQUIRE) == handle && handles[at].statement)
		return handles[at].statement;
	return enter_statement(handle, 0);
}

/* A hash of the statement with its parameters; 0: it does not write, or enough have been looked at. */
static int32_t hash_written(struct sqlite3_stmt *handle, uint32_t statement)
{
	if (control->statements[statement].kind != STATEMENT_WRITE || !sqlite_library()->expanded_sql ||
		!sqlite_library()->free || ++place.nhashed > MOST_HASHED)
		return 0;
	char *text = GENUINE(expanded_sql, handle);
	int32_t hash = text ? (int32_t)hash_text(text) : 0;

	place.depth++;
	sqlite_library()->free(text);
	place.depth--;
	return hash;
}

struct operation {
	struct ring_event event;
	struct connection *connection;
	int state, changes;
	uint32_t outer_statement;
};

static void enter(struct operation *operation, uint32_t statement)
{
	operation->outer_statement = place.statement;
	place.statement = statement;
	place.depth++;
}

static void begin(struct operation *operation, enum op op, struct connection *connection, uint32_t statement,
	int32_t written, uint64_t site)
{
	operation->connection = connection;
	operation->state = connection->state;
	operation->changes = GENUINE(total_changes, connection->db);
	operation->event = (struct ring_event){.op = (uint16_t)op, .object = connection->database,
		.second = (uint64_t)(uintptr_t)connection->db, .argument = statement, .result = written,
		.site = place.executing ? place.site : site};
	observe_write(&operation->event);
	enter(operation, statement);
}

/* No operation of its own: another row of one that goes on. */
static void go_on(struct operation *operation, struct connection *connection, uint32_t statement)
{
	*operation = (struct operation){.connection = connection, .state = connection->state,
		.changes = GENUINE(total_changes, connection->db),
		.event = {.object = connection->database, .second = (uint64_t)(uintptr_t)connection->db, .argument = statement}};
	enter(operation, statement);
}

static void leave(const struct operation *operation)
{
	place.depth--;
	place.statement = operation->outer_statement;
}

static bool is_fine(int result)
{
	return result == ABI_SQLITE_OK || result == ABI_SQLITE_ROW || result == ABI_SQLITE_DONE;
}

/* As sqlite_connection_after has it. */
static int how_ended(const struct operation *operation, int state, int result, int changes)
{
	const struct statement *statement = &control->statements[operation->event.argument];
	bool wrote = operation->state == 2 || changes > 0 || statement->kind == STATEMENT_WRITE ||
		statement->kind == STATEMENT_SCHEMA;

	if (state != 0 || (operation->state == 0 && !wrote))
		return 0;
	return !is_fine(result) || statement->kind == STATEMENT_ROLLBACK ? RING_ROLLED_BACK : RING_COMMITTED;
}

static void end(struct operation *operation, int result)
{
	leave(operation);
	int state = operation->connection->state = GENUINE(txn_state, operation->connection->db, NULL);
	int changes = GENUINE(total_changes, operation->connection->db) - operation->changes;
	int what = (state & RING_STATE) | how_ended(operation, state, result, changes);

	if (GENUINE(get_autocommit, operation->connection->db))
		what |= RING_AUTOCOMMIT;
	if (!is_fine(result))
		what |= RING_FAILED;
	struct ring_event event = {.kind = RING_TRANSACTION, .object = operation->event.object,
		.second = operation->event.second, .argument = operation->event.argument, .site = (uint64_t)(int64_t)result,
		.result = what | (changes < 1 << 20 ? changes : 1 << 20) << RING_CHANGES_SHIFT};
	observe_write(&event);
}

/* The connection of a statement that is observed here, NULL: SQLite's own business, or not ours. */
static struct connection *connection_of(struct sqlite3_stmt *handle)
{
	if (!handle || place.depth != place.executing || !observe_is_on() ||
		!sqlite_library()->db_handle)
		return NULL;
	return find_connection(GENUINE(db_handle, handle));
}

/* After the last row locks are given back, and what RETURNING has told is committed. */
static int follow(struct sqlite3_stmt *handle, struct connection *connection, sqlite_observed_call *genuine)
{
	struct operation operation;

	go_on(&operation, connection, statement_of(handle));
	int result = genuine(handle);
	int error = errno;
	if (result == ABI_SQLITE_ROW)
		leave(&operation);
	else
		end(&operation, result);
	errno = error;
	return result;
}

int sqlite_observed_step(struct sqlite3_stmt *handle, sqlite_observed_call *genuine, uint64_t site)
{
	struct connection *connection = connection_of(handle);
	struct operation operation;

	if (!connection)
		return genuine(handle);
	if (GENUINE(stmt_busy, handle))
		return follow(handle, connection, genuine);
	uint32_t statement = statement_of(handle);
	int32_t written = hash_written(handle, statement);
	begin(&operation, place.executing ? OP_SQLITE_EXEC : OP_SQLITE_STEP, connection, statement, written, site);
	int result = genuine(handle);
	int error = errno;
	end(&operation, result);
	errno = error;
	return result;
}

int sqlite_observed_release(struct sqlite3_stmt *handle, sqlite_observed_call *genuine, bool final, uint64_t site)
{
	struct connection *connection = place.executing ? NULL : connection_of(handle);
	struct operation operation;

	if (final && connection)
		forget(handle);
	if (!connection || connection->state == 0 || !GENUINE(stmt_busy, handle) ||
		!GENUINE(get_autocommit, connection->db))
		return genuine(handle);
	begin(&operation, OP_SQLITE_RESET, connection, statement_of(handle), 0, site);
	int result = genuine(handle);
	int error = errno;
	end(&operation, result);
	errno = error;
	return result;
}

int sqlite_observed_close(struct sqlite3 *db, int (*genuine)(struct sqlite3 *), uint64_t site)
{
	struct connection *connection = db && place.depth == 0 && observe_is_on() ? find_connection(db) : NULL;
	int result = genuine(db);

	if (connection && result == ABI_SQLITE_OK) {
		struct ring_event event = {.op = OP_SQLITE_CLOSE, .object = connection->database,
			.second = (uint64_t)(uintptr_t)db, .site = site};
		observe_write(&event);
		__atomic_store_n(&connection->db, NULL, __ATOMIC_RELEASE);
	}
	return result;
}

int sqlite_observed_authorizer(struct sqlite3 *db, abi_sqlite_authorizer *authorizer, void *argument,
	sqlite_observed_set_authorizer *genuine)
{
	struct connection *connection = observe_alive ? find_connection(db) : NULL;

	if (!connection)
		return genuine(db, authorizer, argument);
	connection->authorizer = authorizer;
	connection->authorizer_argument = argument;
	return genuine(db, on_authorize, connection); /* again: prepared statements are to be prepared anew */
}

void *sqlite_observed_hook(struct sqlite3 *db, abi_sqlite_update *hook, void *argument,
	sqlite_observed_set_hook *genuine)
{
	struct connection *connection = observe_alive ? find_connection(db) : NULL;

	if (!connection)
		return genuine(db, hook, argument);
	void *before = connection->hook_argument;
	connection->hook = hook;
	connection->hook_argument = argument;
	return before;
}

void sqlite_observed_exec_begin(uint64_t site)
{
	if (place.depth == place.executing) {
		place.site = site;
		place.executing++;
	}
	place.depth++;
}

void sqlite_observed_exec_end(void)
{
	place.depth--;
	if (place.executing > place.depth)
		place.executing = place.depth;
}
