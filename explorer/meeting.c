#include "meeting.h"

#include <stdlib.h>

/* Tasks and processes begin and end, and are waited for by who made them; databases have their own rules. */
static bool is_place(const struct trace *trace, uint32_t object)
{
	static const bool never[] = {[OBJECT_NONE] = true, [OBJECT_TASK] = true, [OBJECT_PROCESS] = true,
		[OBJECT_DATABASE] = true, [OBJECT_CONNECTION] = true};
	uint16_t kind = trace->objects[object].kind;

	return kind >= sizeof never / sizeof *never || !never[kind];
}

bool meeting_is(const struct unit_list *units)
{
	const struct trace *trace = units->trace;
	uint32_t *visitors = calloc(trace->nobjects + 1, sizeof *visitors); /* by object: a unit's number, 0: none yet */
	bool meet = !visitors;

	for (uint32_t i = 0; i < trace->nsteps && !meet; i++) {
		const struct request *request = &trace_step_announce(trace, i)->request;
		uint32_t object = request->object, unit = unit_of(units, trace->steps[i].task, i);
		if (request->op == OP_CONNECT) /* to an address; what is said then has objects of its own */
			continue;
		if (unit == 0 || object == 0 || object > trace->nobjects || !is_place(trace, object))
			continue;
		meet = visitors[object] != 0 && visitors[object] != unit;
		visitors[object] = unit;
	}
	free(visitors);
	return meet;
}
