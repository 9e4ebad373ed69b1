#include "session_queue.h"

#include <stdbool.h>

#include "control.h"
#include "inquiry.h"
#include "point.h"
#include "shared/database.h"
#include "vclock.h"

enum { PATIENCE_NS = 1000000000 };

/* Reading without locks, and what opens or closes a transaction, waits for no row. */
static bool may_lock(uint32_t index)
{
	const struct statement *statement = &control->statements[index];

	if (index == 0 || (statement->flags & STATEMENT_UNBOUNDED))
		return true;
	switch (statement->kind) {
	case STATEMENT_READ: case STATEMENT_BEGIN: case STATEMENT_COMMIT: case STATEMENT_ROLLBACK: case STATEMENT_SAVEPOINT:
	case STATEMENT_SETTING:
		return false;
	default:
		return true;
	}
}

static bool is_another_in_flight(uint32_t session)
{
	for (uint32_t i = 1; i <= control->nsessions; i++) {
		const struct database_session *other = &control->sessions[i];
		if (i != session && other->in_flight && other->phase != SESSION_FREE &&
			other->peer == control->sessions[session].peer)
			return true;
	}
	return false;
}

/* A loop goes on with its other sessions while one waits: it is never held back. */
static bool must_wait(uint32_t session, uint32_t statement)
{
	const struct database_session *row = &control->sessions[session];

	return control->peers[row->peer].rushes && !row->looped && is_another_in_flight(session) &&
		may_lock(statement) && inquiry_ask(INQUIRY_QUEUE, session) == 1;
}

void session_queue_wait(uint32_t session, const struct request *request)
{
	uint64_t deadline_ns = 0;

	while (must_wait(session, request->statement)) {
		struct request wait = *request;
		if (deadline_ns == 0)
			deadline_ns = vclock_after(PATIENCE_NS);
		wait.op = OP_DB_WAIT;
		wait.flags = REQUEST_GUARDED | REQUEST_TIMED;
		wait.argument = control->world.objects[request->object].version;
		wait.deadline_ns = deadline_ns;
		if (point(&wait) != 0)
			return;
	}
}
