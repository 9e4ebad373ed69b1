#include "session_fault.h"

#include <stdbool.h>
#include <sys/socket.h>

#include "control.h"
#include "point.h"
#include "self.h"
#include "serving.h"
#include "session_reply.h"
#include "session_tls.h"
#include "shared/database.h"
#include "shared/wire/wire.h"
#include "snapshot.h"
#include "sys.h"

enum { FIRST_TASK = 1, DRAIN_BYTES = 4096 };

/* Only the turn holder drains. */
static uint8_t drained[DRAIN_BYTES];

/* Within a transaction only its end commits, without one every write does. */
static bool commits(const struct database_session *session, uint32_t statement)
{
	uint8_t kind = control->statements[statement].kind;

	if (session->transaction != WIRE_IDLE)
		return statement && kind == STATEMENT_COMMIT;
	return !statement || kind == STATEMENT_WRITE || kind == STATEMENT_UNKNOWN;
}

enum choice_fault session_fault_choose(uint32_t session, uint32_t last)
{
	const struct database_session *row = &control->sessions[session];

	if (control->world.nfaults >= control_plan()->faults || row->looped || !commits(row, last))
		return FAULT_NONE;
	if (self.task == FIRST_TASK && !serving_unit())
		return FAULT_NONE;
	uint32_t fault = point_choose(CHOICE_FAULT, FAULT_COUNT, FAULT_NONE);
	control->world.nfaults += fault != FAULT_NONE;
	return (enum choice_fault)fault;
}

/* False: there is nothing more. */
static bool drain(int fd)
{
	snapshot_touch(drained, DRAIN_BYTES);
	return sys_call(SYS_recvfrom, fd, (long)drained, DRAIN_BYTES, MSG_DONTWAIT, 0, 0) > 0;
}

void session_fault_cut(int fd, uint32_t session)
{
	if (control->sessions[session].inherited)
		snapshot_lose_session(SESSION_LOSS_ENDED);
	sys_call3(SYS_shutdown, fd, SHUT_WR, 0);
	session_reply_await_end(fd, session);
	while (drain(fd))
		;
	session_tls_drop(session);
	control->sessions[session].seen = 0;
	control->sessions[session].phase = SESSION_FREE;
}
