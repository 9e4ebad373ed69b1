#include "checkup.h"

#include <stdio.h>
#include <stdlib.h>

#include "explorer/db/arrival.h"
#include "shared/outcome.h"

static void say(void *state, enum advice advice, const char *name, const char *text)
{
	static const enum check_state states[] = {[ADVICE_GOOD] = CHECK_GOOD, [ADVICE_NOTE] = CHECK_NOTE,
		[ADVICE_BAD] = CHECK_BAD};

	checkup_add(state, states[advice], pool_print(((struct checkup *)state)->pool, "%s", name), "%s", text);
}

static int look(struct checkup *checkup, const struct adapter *adapter, struct server *server, bool mark)
{
	struct complaint complaint = {""};

	adapter->advise(server, say, checkup);
	if (mark && adapter->mark(server, &complaint) < 0) {
		checkup_add(checkup, CHECK_BAD, "mark", "%s", complaint.text);
		return EXIT_USAGE;
	}
	if (adapter->is_test(server, &complaint))
		checkup_add(checkup, CHECK_GOOD, "test database", "%s", mark ? "marked now: race may destroy what is in it" :
			"it is empty, or marked for testing");
	else
		checkup_add(checkup, CHECK_NOTE, "test database", "%s; race doctor --mark --db URL marks it", complaint.text);
	return EXIT_CLEAN;
}

/* It is not there: that is as well where the command makes it. */
static int look_beside(struct checkup *checkup, struct arrival *arrival, const char *name, bool mark)
{
	if (mark)
		checkup_add(checkup, CHECK_BAD, "mark", "the database %s does not exist", name);
	else
		checkup_add(checkup, CHECK_NOTE, "test database", "%s does not exist: race takes that for one that the command creates in "
			"each execution", name);
	arrival_close(arrival);
	return mark ? EXIT_USAGE : EXIT_CLEAN;
}

int checkup_database(struct checkup *checkup, const char *url, bool mark)
{
	struct complaint complaint = {""}, second = {""};
	const struct adapter *adapter = adapter_find(url, &complaint);
	struct server *server = adapter ? adapter->open(url, &complaint) : NULL;
	struct arrival *arrival = adapter && !server ? arrival_open(adapter, url, &second) : NULL;

	if (arrival)
		return look_beside(checkup, arrival, adapter->database(arrival_server(arrival)), mark);
	if (!server) {
		checkup_add(checkup, CHECK_BAD, "server", "%s", second.text[0] ? second.text : complaint.text);
		return EXIT_USAGE;
	}
	int code = look(checkup, adapter, server, mark);
	adapter->close(server);
	return code;
}
