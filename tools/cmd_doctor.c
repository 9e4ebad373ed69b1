/*
 * race doctor: what works on this machine, and for a command.
 */
#include <stdio.h>

#include "checkup.h"
#include "command.h"
#include "option_rows.h"
#include "shared/outcome.h"
#include "terminal.h"

static void print(const struct checkup *checkup, const struct terminal *terminal)
{
	static const char *const words[] = {[CHECK_GOOD] = "ok", [CHECK_NOTE] = "note", [CHECK_BAD] = "no"};
	static const enum colour colours[] = {[CHECK_GOOD] = COLOUR_GREEN, [CHECK_NOTE] = COLOUR_YELLOW,
		[CHECK_BAD] = COLOUR_RED};
	const struct checkup_item *item;
	uint32_t index;

	for (index = 0; index < checkup->nitems; index++) {
		item = &checkup->items[index];
		printf("%s%-5s%s %-20s ", terminal_colour(terminal, colours[item->state]), words[item->state],
			terminal_colour(terminal, COLOUR_PLAIN), item->name);
		terminal_write(terminal, stdout, item->text, (size_t)-1);
		putchar('\n');
	}
}

static int doctor(struct invocation *invocation)
{
	struct checkup checkup = {.pool = invocation->pool};
	struct terminal terminal;
	int code = EXIT_CLEAN;

	terminal_inspect(stdout, &terminal);
	checkup_machine(&checkup);
	if (invocation->target)
		code = checkup_command(&checkup, invocation->target);
	for (uint32_t index = 0; index < invocation->db.n && !code; index++)
		code = checkup_database(&checkup, invocation->db.items[index], invocation->mark);
	print(&checkup, &terminal);
	return code ? code : checkup_is_fit(&checkup) ? EXIT_CLEAN : EXIT_UNCONTROLLED;
}

static const struct option_row rows[] = {
	VALUE(OPTION_LIST, "db", db, "URL", "a database on a server: what race can do with it (may be repeated)"),
	FLAG("mark", mark, "mark the databases of --db as ones for testing: race may destroy what is in them"),
	END,
};

const struct command command_doctor = {
	.name = "doctor",
	.summary = "Say what works on this machine, and whether a command can be controlled",
	.usage = "[--db URL [--mark]] [-- COMMAND [ARGUMENT]...]",
	.text = "Runs nothing of COMMAND; only looks at its files. `ok` is as it should be, `note` works with a limit, `no`\n"
		"keeps race from working (exit 4).\n",
	.examples = "  race doctor\n"
		"  race doctor --mark --db 'postgresql:///shop_test?host=/run/postgresql&user=me'\n"
		"  race doctor --db 'mysql:///shop_test?socket=/run/mysqld/mysqld.sock&user=me'\n"
		"  race doctor --db 'redis:///3?socket=/run/redis/redis.sock'\n"
		"  race doctor -- ./integration_tests\n",
	.options = rows,
	.has_target = true,
	.run = doctor,
};
