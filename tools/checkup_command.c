/* The checks of a command: its ELF files are read, nothing of it is run but the dynamic loader's list. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "checkup.h"
#include "command_line.h"
#include "explorer/target.h"
#include "shared/outcome.h"

enum { LINE_BYTES = 1024 };

/* Libraries whose calls are intercepted, and what that gives. */
static const struct known {
	const char *name, *text;
} known[] = {
	{"libpthread.so", "threads and locks"},
	{"libsqlite3.so", "SQLite: statements, locks, rows"},
	{"libpq.so", "PostgreSQL: statements, by what is said to its server"},
	{"libmariadb.so", "MariaDB: statements, by what is said to its server"},
	{"libmysqlclient.so", "MySQL: statements, by what is said to its server"},
	{"libhiredis.so", "Redis: statements, by what is said to its server"},
	{"libgomp.so", "OpenMP: its inline atomics hide scheduling points"},
	{"libtsan.so", "ThreadSanitizer: can't be mixed with race; build without it"},
	{"libasan.so", "AddressSanitizer: wants to be preloaded first; build without it"},
	{"libjemalloc.so", "jemalloc: allocations are its own"},
	{"libtcmalloc.so", "tcmalloc: allocations are its own"},
};

static void check_library(struct checkup *checkup, const char *path)
{
	size_t index;

	for (index = 0; index < sizeof(known) / sizeof(known[0]); index++)
		if (strstr(path, known[index].name))
			checkup_add(checkup, strstr(known[index].text, "can't") || strstr(known[index].text, "wants") ?
				CHECK_BAD : strstr(known[index].text, "hide") ?
				CHECK_NOTE : CHECK_GOOD, "uses", "%s", known[index].text);
}

/* Asks the program's own loader what it would load; the loader lists and starts nothing. */
static void check_closure(struct checkup *checkup, const char *program, const char *loader)
{
	const char *line_of_loader = pool_print(checkup->pool, "%s --list %s 2>/dev/null",
		command_line_quote(checkup->pool, loader), command_line_quote(checkup->pool, program));
	FILE *list = popen(line_of_loader, "r");
	char line[LINE_BYTES];
	unsigned int count = 0;

	while (list && fgets(line, sizeof(line), list)) {
		line[strcspn(line, "\n")] = '\0';
		if (strstr(line, "not found"))
			checkup_add(checkup, CHECK_BAD, "library", "%s", line + strspn(line, " \t"));
		count++;
		check_library(checkup, line);
	}
	if (list)
		pclose(list);
	checkup_add(checkup, CHECK_GOOD, "libraries", "%u, with all that they need", count);
}

static void check_facts(struct checkup *checkup, const char *program)
{
	struct target_facts facts;

	if (target_examine(program, &facts))
		return;
	if (facts.go)
		checkup_add(checkup, CHECK_BAD, "made by", "Go: its threads and locks bypass libc and can't be controlled");
	if (facts.own_sqlite)
		checkup_add(checkup, CHECK_NOTE, "SQLite", "linked statically: its statements can't be intercepted; link "
			"-lsqlite3 dynamically");
	if (facts.uses_tsan)
		checkup_add(checkup, CHECK_BAD, "sanitizer", "built with -fsanitize=thread; build without it");
	if (*facts.loader)
		check_closure(checkup, program, facts.loader);
}

int checkup_command(struct checkup *checkup, char *const *command)
{
	struct target target;
	int code = target_inspect(command, &target);

	if (code)
		checkup_add(checkup, CHECK_BAD, "command", "%s", target.reason);
	else
		checkup_add(checkup, CHECK_GOOD, "command", "%s can be controlled", target.path);
	if (!code && target.program && strcmp(target.program, target.path) != 0)
		checkup_add(checkup, CHECK_GOOD, "script of", "%s", target.program);
	if (!code && target.program)
		check_facts(checkup, target.program);
	target_close(&target);
	return code;
}
