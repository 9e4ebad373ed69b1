#include "result.h"

/* As wait() encodes it: the low seven bits are the signal. */
static int was_signalled(int status)
{
	return (status & 0x7f) != 0;
}

void result_fill(struct control *control, int status)
{
	struct world *world = &control->world;
	struct slot *slot = &control->slots[control->current_slot % CONTROL_SLOTS];

	if (world->outcome == OUTCOME_NONE)
		world->outcome = was_signalled(status) ? OUTCOME_SIGNALED : OUTCOME_EXITED;
	slot->result = (struct result){
		.plan = world->plan,
		.hash = world->hash,
		.outcome = world->outcome,
		.status = status,
		.limit = world->limit,
		.hang = world->hang,
		.uncontrolled = world->uncontrolled,
		.remarks = world->remarks,
		.nsteps = world->nsteps,
		.nchoices = world->nchoices,
		.npreemptions = world->npreemptions,
		.ntasks = world->ntasks,
		.diverged_at = world->cursor,
		.trace_bytes = world->trace_bytes,
		.virtual_ns = world->now_ns,
	};
	__atomic_store_n(&slot->state, SLOT_DONE, __ATOMIC_RELEASE);
}
