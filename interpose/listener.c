/*
 * For `race together` (tools/cmd_together.c), which fires clients at a server as soon as that listens: it asks us, because
 * we know. It finds the function by its name.
 */
#include "annotate.h"

#include "await.h"

enum { QUIET_NS = 1, LISTENS = 1, NOT_IN_TIME = 0, ENDED = -1, NOT_CONTROLLED = -2 };

INTERPOSE_EXPORT int race_await_listener(int pid, int milliseconds);
INTERPOSE_EXPORT void race_await_quiet(void);

struct listener {
	struct external external;
	int pid;
};

static bool listens(void)
{
	const struct world *world = &control->world;

	for (uint32_t i = 1; i <= world->nobjects; i++)
		if (world->objects[i].kind == OBJECT_CHANNEL && (world->objects[i].flags & OBJECT_LISTENING))
			return true;
	return false;
}

static bool has_ended(int pid)
{
	const struct world *world = &control->world;

	for (uint32_t i = 1; i <= world->nprocesses; i++)
		if (world->processes[i].pid == pid)
			return world->processes[i].state != PROCESS_LIVE;
	return false;
}

static bool attempt(struct external *external)
{
	if (listens())
		external->result = LISTENS;
	else if (has_ended(((const struct listener *)external)->pid))
		external->result = ENDED;
	else
		return false;
	return true;
}

static bool never(struct external *external)
{
	(void)external;
	return false;
}

/* Waits until a socket of any controlled process listens: 1; 0: not in this (virtual) time; -1: the process has ended. */
int race_await_listener(int pid, int milliseconds)
{
	struct listener listener = {
		.external = {.is_ready = attempt, .attempt = attempt, .sleep = never}, .pid = pid,
	};
	ANNOTATION_GUARD(NOT_CONTROLLED);
	struct request *request = &listener.external.request;

	*request = call_request(OP_POLL, 0);
	request->flags |= REQUEST_TIMED | REQUEST_PATIENT;
	request->deadline_ns = vclock_after((uint64_t)milliseconds * 1000000);
	return await_external(&listener.external, true) == 0 ? (int)listener.external.result : NOT_IN_TIME;
}

/* Waits until nobody else can go on without time passing. */
void race_await_quiet(void)
{
	struct external external = {.is_ready = never, .attempt = never, .sleep = never};
	ANNOTATION_GUARD();

	external.request = call_request(OP_POLL, 0);
	external.request.flags |= REQUEST_TIMED | REQUEST_PATIENT;
	external.request.deadline_ns = vclock_after(QUIET_NS);
	await_external(&external, true);
}
