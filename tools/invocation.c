#include "invocation.h"

#include <string.h>

#include "explorer/strategy/strategy.h"
#include "shared/outcome.h"

void invocation_init(struct invocation *invocation, const struct command *command, const char *program)
{
	memset(invocation, 0, sizeof(*invocation));
	invocation->command = command;
	invocation->pool = pool_open();
	invocation->program = program;
	invocation->strategy = "auto";
	invocation->bound = BOUND_DEFAULT;
	invocation->seed = 1;
	invocation->max_executions = 1000;
	invocation->jobs = 1;
	invocation->oracle = "serial";
	invocation->memory = "off";
	invocation->schedules = "races";
	invocation->format = "text";
	invocation->exit_code = EXIT_FINDINGS;
	invocation->repeat = 1;
	invocation->stop_at = STOP_AT_LAST;
}

void invocation_fini(struct invocation *invocation)
{
	pool_close(invocation->pool);
	invocation->pool = NULL;
}

void invocation_append(struct invocation *invocation, struct text_list *list, const char *text)
{
	/* one more than there are, so that the NULL behind the last has room, too */
	const char **items = pool_take(invocation->pool, (list->n + 2) * sizeof(*items));

	if (list->n)
		memcpy(items, list->items, list->n * sizeof(*items));
	items[list->n++] = text;
	list->items = items;
}

int invocation_exit(const struct invocation *invocation, int code)
{
	return code == EXIT_FINDINGS ? (int)invocation->exit_code : code;
}
