#include "clearing.h"

#include <string.h>

#include "shared/session_words.h"

/* TRUNCATE, DROP TABLE or SCHEMA, DELETE without a condition. */
static bool is_clearing(const char *statement)
{
	static const char *const things[] = {"table", "schema", NULL};
	struct session_words words = {.at = statement};

	if (!session_words_next(&words))
		return false;
	if (strcmp(words.word, "drop") == 0)
		return session_words_next(&words) && session_words_is(words.word, things);
	if (strcmp(words.word, "delete") != 0)
		return strcmp(words.word, "truncate") == 0;
	while (session_words_next(&words))
		if (strcmp(words.word, "where") == 0)
			return false;
	return true;
}

const char *clearing_find(const struct unit_list *units)
{
	const struct trace *trace = units->trace;
	bool worked = false;

	for (uint32_t i = 0; i < trace->nsteps; i++) {
		const struct request *request = &trace_step_announce(trace, i)->request;
		if (request->op != OP_DB_STATEMENT)
			continue;
		bool harness = unit_of(units, trace->steps[i].task, i) == 0;
		const char *text = trace_statement_text(trace, request->statement);
		if (harness && worked && is_clearing(text))
			return text;
		worked = worked || !harness;
	}
	return NULL;
}
