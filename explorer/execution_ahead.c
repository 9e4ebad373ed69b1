/* Plans that have run before they were asked for, see ahead.h. */
#include "execution_private.h"

/* What race does between two executions for others can't be done between those that run ahead. */
static bool is_possible(const struct execution *execution)
{
	const struct control *control = execution->block.control;
	const struct execution_options *options = &execution->options;

	return execution->outlook && control->settings.reuse == REUSE_RESTORE &&
		control->nredirects == 0 && !options->servers.urls && !options->log && !options->pass_output &&
		!options->debugger;
}

static void release_taken(struct execution *execution)
{
	if (execution->taken != AHEAD_NONE)
		ahead_release(&execution->ahead, execution->block.control, execution->taken);
	execution->taken = AHEAD_NONE;
}

static void fill(struct execution *execution, const struct plan_draft *draft)
{
	ahead_fill(&execution->ahead, &execution->block, draft->plan.number, execution->outlook);
}

void execution_quieten(struct execution *execution)
{
	struct control *control = execution->block.control;
	uint32_t running = ahead_halt(&execution->ahead, control);

	if (running != AHEAD_NONE && !execution_wait(execution, &control->slots[running], NULL))
		execution_stop(execution);
	release_taken(execution);
	if (control->settings.carrier == CARRIER_FIBER)
		control->carrier_loss = CARRIER_LOSS_NONE; /* of one that nobody has asked for */
}

static struct trace *read(struct execution *execution, const struct slot *slot)
{
	const struct outlook *outlook = execution->outlook;
	const char *unread = "";

	if (outlook->is_enough(outlook->state, &slot->result))
		return trace_unread(&slot->result);
	return execution_collect(execution, slot, &unread);
}

/* None that has run is asked for next: what was foreseen is wrong. */
static bool give_up(struct execution *execution)
{
	execution_quieten(execution);
	ahead_drop(&execution->ahead, execution->block.control);
	ahead_miss(&execution->ahead);
	return false;
}

/* Its answer has to be looked at alone; those to plans behind it are as good as before. */
static bool set_aside(struct execution *execution)
{
	execution_quieten(execution);
	execution->ahead.nvain++;
	return false;
}

bool execution_take_ahead(struct execution *execution, const struct plan_draft *draft, struct trace **trace)
{
	struct control *control = execution->block.control;

	release_taken(execution);
	uint32_t index = is_possible(execution) ? ahead_find(&execution->ahead, control, draft) : AHEAD_NONE;
	if (index == AHEAD_NONE)
		return give_up(execution);
	struct slot *slot = &control->slots[index];
	execution->taken = index;
	fill(execution, draft);
	if (__atomic_load_n(&slot->state, __ATOMIC_ACQUIRE) != SLOT_DONE && !execution_wait(execution, slot, NULL))
		return give_up(execution);
	if (!ahead_is_usable(slot, draft) || !(*trace = read(execution, slot)))
		return set_aside(execution);
	execution->slot = index;
	(*trace)->result.plan = draft->plan.number;
	ahead_hit(&execution->ahead);
	return true;
}

void execution_go_ahead(struct execution *execution, const struct plan_draft *draft)
{
	if (!is_possible(execution) || !ahead_is_usable(&execution->block.control->slots[execution->slot], draft))
		return;
	ahead_hit(&execution->ahead);
	fill(execution, draft);
}

void execution_foresee(struct execution *execution, const struct outlook *outlook)
{
	execution->outlook = outlook;
}
