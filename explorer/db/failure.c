#include "failure.h"

#include "shared/op.h"
#include "sqlite_code.h"

static uint32_t victim_at(const struct trace *trace, uint32_t step)
{
	for (uint32_t i = 0; i < trace->nvalue_choices; i++)
		if (trace->value_choices[i].kind == CHOICE_VICTIM && trace->value_choices[i].at_step == step + 1)
			return trace->value_choices[i].taken;
	return VICTIM_NONE;
}

const char *failure_text(const struct trace *trace, uint32_t step, int64_t code)
{
	if (step >= trace->nsteps || trace_step_announce(trace, step)->request.op != OP_DB_STATEMENT)
		return sqlite_code_text(code);
	switch (victim_at(trace, step)) {
	case VICTIM_POSTGRES: return "40P01: the server has rolled it back to break a deadlock";
	case VICTIM_MYSQL: return "1213: the server has rolled it back to break a deadlock";
	default: break;
	}
	if (sqlite_code_is_busy(code))
		return "an error: what it needs was locked or changed by another session";
	return sqlite_code_is_constraint(code) ? "an error: a constraint is violated" : "an error";
}
