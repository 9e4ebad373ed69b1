#include <string.h>

#include "wire_cursor.h"
#include "wire_mysql.h"
#include "wire_mysql_parameter.h"
#include "wire_prepared.h"
#include "wire_queue.h"
#include "wire_stream.h"

enum {
	COM_QUIT = 0x01,
	COM_INIT_DB = 0x02,
	COM_QUERY = 0x03,
	COM_CREATE_DB = 0x05,
	COM_DROP_DB = 0x06,
	COM_CHANGE_USER = 0x11,
	COM_BINLOG_DUMP = 0x12,
	COM_STMT_PREPARE = 0x16,
	COM_STMT_EXECUTE = 0x17,
	COM_STMT_SEND_LONG_DATA = 0x18,
	COM_STMT_CLOSE = 0x19,
	COM_STMT_RESET = 0x1a,
	COM_STMT_FETCH = 0x1c,
	COM_BINLOG_DUMP_GTID = 0x1e,
	COM_RESET_CONNECTION = 0x1f,
	COM_STMT_BULK_EXECUTE = 0xfa, /* MariaDB */
	EXECUTE_HEAD = 10,            /* command, statement, flags, repetitions */
	BULK_HEAD = 7,
	FLAG_PARAMETER_COUNT = 8, /* MySQL 8: parameters have a count and names */
};

#define LAST_PREPARED UINT32_MAX /* MariaDB: whatever the PREPARE before this one brings */

struct command {
	const char *name;
	enum wire_mysql_request kind;
};

/* Commands without a name are refused by the server, with an error. */
static const struct command commands[] = {
	[COM_INIT_DB] = {"init db", WIRE_MYSQL_OK},
	[COM_QUERY] = {"query", WIRE_MYSQL_RESULTS},
	[0x04] = {"field list", WIRE_MYSQL_FIELDS},
	[COM_CREATE_DB] = {"create db", WIRE_MYSQL_OK},
	[COM_DROP_DB] = {"drop db", WIRE_MYSQL_OK},
	[0x07] = {"refresh", WIRE_MYSQL_OK},
	[0x08] = {"shutdown", WIRE_MYSQL_OK},
	[0x09] = {"statistics", WIRE_MYSQL_STRING},
	[0x0a] = {"process info", WIRE_MYSQL_RESULTS},
	[0x0c] = {"process kill", WIRE_MYSQL_OK},
	[0x0d] = {"debug", WIRE_MYSQL_OK},
	[0x0e] = {"ping", WIRE_MYSQL_OK},
	[COM_CHANGE_USER] = {"change user", WIRE_MYSQL_AUTHENTICATED},
	[COM_STMT_PREPARE] = {"prepare", WIRE_MYSQL_PREPARED},
	[COM_STMT_EXECUTE] = {"execute", WIRE_MYSQL_RESULTS},
	[COM_STMT_RESET] = {"reset statement", WIRE_MYSQL_OK},
	[0x1b] = {"set option", WIRE_MYSQL_OK},
	[COM_STMT_FETCH] = {"fetch", WIRE_MYSQL_FETCHED},
	[COM_RESET_CONNECTION] = {"reset connection", WIRE_MYSQL_OK},
};

static const struct command bulk = {"bulk execute", WIRE_MYSQL_RESULTS};
static const struct command other = {"other command", WIRE_MYSQL_OK};

static const struct command *command_of(uint8_t code)
{
	if (code == COM_STMT_BULK_EXECUTE)
		return &bulk;
	return code < sizeof commands / sizeof *commands && commands[code].name ? &commands[code] : &other;
}

static struct wire_cursor cursor_of(const struct wire *wire)
{
	return (struct wire_cursor){.at = wire->request, .left = wire->client.nkept};
}

/* Where the text of a query begins, behind its attributes. -1: not within what is kept. */
static int64_t query_start(const struct wire *wire)
{
	struct wire_cursor cursor = cursor_of(wire);

	wire_cursor_little(&cursor, 1);
	if (wire->mysql.capabilities & WIRE_MYSQL_ATTRIBUTES) {
		struct wire_mysql_parameters attributes = {.count = wire_cursor_number(&cursor), .named = true};
		wire_cursor_number(&cursor); /* of sets of them: one */
		wire_mysql_parameter_read(&cursor, attributes, (struct wire_visitor){0});
	}
	return cursor.bad ? -1 : (int64_t)(cursor.at - wire->request);
}

/* Where the part of the packet begins that is hashed to its end. -1: none is. */
static int64_t start_of(const struct wire *wire)
{
	switch (wire->client.nkept ? wire->request[0] : 0) {
	case COM_QUERY: return query_start(wire);
	case COM_STMT_PREPARE:
	case COM_INIT_DB:
	case COM_CREATE_DB:
	case COM_DROP_DB: return 1;
	case COM_STMT_EXECUTE: return EXECUTE_HEAD;
	case COM_STMT_BULK_EXECUTE: return BULK_HEAD;
	default: return -1;
	}
}

void wire_mysql_cut(struct wire *wire)
{
	int64_t start = wire->state == WIRE_STARTING || wire->mysql.asking ? -1 : start_of(wire);

	if (start < 0)
		wire->client.rest = WIRE_REST_OVER;
	else
		wire_stream_cut(&wire->client, wire->request, (uint32_t)start, WIRE_REST_ALL);
}

static struct wire_text text_of(const struct wire *wire)
{
	int64_t start = start_of(wire);

	if (start < 0 || start > wire->client.nkept)
		return (struct wire_text){0};
	return wire_stream_text(&wire->client, wire->request, (uint32_t)start, WIRE_REST_ALL);
}

/* Statements are numbered in the order of their replies; those that have none, not at all. */
static void tell(struct wire *wire, struct wire_event event, const struct command *command, struct wire_visitor visitor)
{
	event.kind = WIRE_STATEMENT;
	event.name = wire_text_of(command->name, strlen(command->name));
	event.statement = ++wire->nsent;
	wire_tell(visitor, &event);
}

static void enqueue(struct wire *wire, const struct command *command, struct wire_visitor visitor)
{
	struct wire_run run = {.kind = (uint8_t)command->kind, .nstatements = 1};

	if (!wire_queue_push(wire, run)) {
		wire_leave(wire, WIRE_LOST, WIRE_BECAUSE_TOO_DEEP, visitor);
		return;
	}
	wire_tell(visitor, &(struct wire_event){.kind = WIRE_REQUEST, .nstatements = 1});
}

static uint32_t id_of(const struct wire *wire)
{
	struct wire_cursor cursor = cursor_of(wire);

	wire_cursor_little(&cursor, 1);
	return (uint32_t)wire_cursor_little(&cursor, 4);
}

static struct wire_prepared *prepared_of(struct wire *wire)
{
	return wire_prepared_find(wire, (uint64_t)id_of(wire) + 1);
}

static void prepare(struct wire *wire, struct wire_event *event)
{
	struct wire_mysql *own = &wire->mysql;

	event->act = WIRE_PREPARE;
	own->last = event->text.hash;
	own->preparing[own->nprepared_sent++ % WIRE_PREPARING] = own->last;
}

/* Parameters that were sent ahead are not among the values, so that these can't be told apart. */
static bool is_plain(const struct wire *wire, const struct wire_prepared *prepared)
{
	bool counted = wire->mysql.capabilities & WIRE_MYSQL_ATTRIBUTES && wire->request[5] & FLAG_PARAMETER_COUNT;

	return prepared && !prepared->long_data && !counted && wire->request[0] == COM_STMT_EXECUTE &&
		wire->client.nkept >= EXECUTE_HEAD;
}

static void execute(struct wire *wire, const struct command *command, struct wire_visitor visitor)
{
	struct wire_prepared *prepared = prepared_of(wire);
	struct wire_text parameters = text_of(wire);
	struct wire_event event = {.act = WIRE_EXECUTE, .id = id_of(wire)};

	if (prepared)
		event.source = prepared->text;
	else if (event.id == LAST_PREPARED)
		event.source = wire->mysql.last;
	event.nparameters = prepared ? prepared->nparameters : 0;
	event.parameters = parameters.length > 0 ? parameters.hash : 0;
	tell(wire, event, command, visitor);
	if (is_plain(wire, prepared)) {
		struct wire_cursor cursor = cursor_of(wire);
		wire_cursor_bytes(&cursor, EXECUTE_HEAD);
		wire_mysql_parameter_read(
			&cursor, (struct wire_mysql_parameters){.count = prepared->nparameters}, visitor);
	}
	if (prepared)
		prepared->long_data = false;
	enqueue(wire, command, visitor);
}

/* A command that has no reply: true. */
static bool is_unanswered(struct wire *wire, uint8_t code, struct wire_visitor visitor)
{
	struct wire_prepared *prepared = prepared_of(wire);

	switch (code) {
	case COM_QUIT:
		wire_tell(visitor, &(struct wire_event){.kind = WIRE_END});
		wire_leave(wire, WIRE_ENDED, WIRE_BECAUSE_GOODBYE, visitor);
		return true;
	case COM_STMT_CLOSE:
		wire_tell(visitor, &(struct wire_event){.kind = WIRE_STATEMENT, .act = WIRE_CLOSE, .id = id_of(wire)});
		if (prepared)
			*prepared = (struct wire_prepared){0};
		return true;
	case COM_STMT_SEND_LONG_DATA:
		if (prepared)
			prepared->long_data = true;
		return true;
	case COM_BINLOG_DUMP:
	case COM_BINLOG_DUMP_GTID: wire_leave(wire, WIRE_UNSUPPORTED, WIRE_BECAUSE_REPLICATION, visitor); return true;
	default: return false;
	}
}

static void note(struct wire *wire, uint8_t code, struct wire_event *event)
{
	struct wire_prepared *prepared = prepared_of(wire);

	event->act = code == COM_QUERY ? WIRE_QUERY : code == COM_STMT_FETCH ? WIRE_FETCH : WIRE_COMMAND;
	event->text = text_of(wire);
	if (code == COM_STMT_PREPARE)
		prepare(wire, event);
	if (code == COM_STMT_RESET || code == COM_STMT_FETCH)
		event->id = id_of(wire);
	if (code == COM_STMT_FETCH && prepared)
		event->source = prepared->text;
	if (code == COM_STMT_RESET && prepared)
		prepared->long_data = false;
	if (code == COM_RESET_CONNECTION || code == COM_CHANGE_USER)
		memset(wire->prepared, 0, sizeof wire->prepared);
}

void wire_mysql_sent(struct wire *wire, struct wire_visitor visitor)
{
	uint8_t code = wire->client.nkept ? wire->request[0] : 0;
	const struct command *command = command_of(code);
	struct wire_event event = {0};

	if (wire->mysql.asking) {
		wire->mysql.asking = false;
		return;
	}
	if (wire->client.nkept == 0 || wire->mysql.sequence != 0) {
		wire_leave(wire, WIRE_LOST, WIRE_BECAUSE_MALFORMED_REQUEST, visitor);
		return;
	}
	if (is_unanswered(wire, code, visitor))
		return;
	if (code == COM_STMT_EXECUTE || code == COM_STMT_BULK_EXECUTE) {
		execute(wire, command, visitor);
		return;
	}
	note(wire, code, &event);
	tell(wire, event, command, visitor);
	enqueue(wire, command, visitor);
}
